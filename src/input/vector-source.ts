import { UsageError } from "../core/errors.ts";
import { hashText, randomStream } from "../core/random.ts";
import { checkShape, countOf, type Layout, layoutOf, offsetIn, QKV, type Shape } from "../core/shape.ts";
import type { AttentionInputs, CapturedCall, ImageGrid, InputSource } from "../core/tensors.ts";
import { projectBlock, ROW_BLOCK } from "./projection.ts";

/** The widest model, heads · headDim, that is projected: its weights take 3 · width² numbers. */
const MAX_WIDTH = 4096;

/** Writes a token's vector, with its position in the sequence, over the whole of `row`. */
export type WriteRow = (row: Float64Array, token: number, position: number) => void;

/** Something whose tokens become vectors of any width: a text, speech, an image, a graph. */
export interface TokenVectors {
  /** Such as `text`: begins lines about it, and the name in results. */
  readonly kind: string;
  /** What it was read from, printable. */
  readonly where: string;
  /** The files that it was read from. */
  readonly files: readonly string[];
  /** What was read, such as `8.2 s → 818 frames of 80`. */
  readonly told: string;
  /** Tokens. */
  readonly count: number;
  /** Columns and rows of tokens in raster order, if they lie so. */
  readonly grid?: ImageGrid;
  readonly call?: CapturedCall;
  /** How vectors of this width are written, of a variance of about 1 per coordinate. */
  rows(width: number): WriteRow;
}

/**
 * Tokens as attention inputs: their vectors are projected to the heads' q, k and v by seeded gaussian weights.
 * Nothing is trained. Batch entry b is the section that starts at token floor(b · tokens / batch), of a grid at row
 * floor(b · rows / batch), whatever the length; its positions start at 0. Fewer queries than keys are those of the
 * last tokens. `maxLength` holds for a batch of one.
 */
export function vectorSource(tokens: TokenVectors, seed: number): InputSource {
  const { kind, where, count, files, grid, call } = tokens;
  return {
    name: `${kind}:${where} (untrained projections)`,
    stored: true,
    files,
    maxLength: count,
    ...(grid && { grid }),
    ...(call && { call }),
    told: (shape, ofHeads) => {
      const { batch, heads, headDim } = ofHeads ?? shape;
      return `${kind}: ${tokens.told} → ${batch} × ${heads} heads of ${headDim}`;
    },
    inputs(shape) {
      checkShape(shape);
      if (!(shape.batch * shape.length <= count)) {
        throw new UsageError(
          `${where}: batch × length must be at most the ${kind}'s ${count} tokens, got ${shape.batch} × ${shape.length}; ` +
            `ask for fewer or give ${kind === "text" ? "a longer text" : `more of the kind`}`,
        );
      }
      if (!(shape.queries <= shape.length)) {
        throw new UsageError(
          `${where}: queries are the ${kind}'s last tokens and must be at most as many as keys, got ${shape.queries} for ${shape.length}; ask for fewer`,
        );
      }
      const widest = Math.max(...QKV.map((name) => columnsOf(layoutOf(shape, name))));
      if (!(widest <= MAX_WIDTH)) {
        throw new UsageError(
          `${where}: heads × head dimension must be at most ${MAX_WIDTH} for ${kind === "text" ? "a text" : kind}, got ${widest}; ask for fewer heads`,
        );
      }
      return projectTokens(tokens, seed, shape);
    },
  };
}

/** Coordinates of one token in a tensor, of all its heads together. */
function columnsOf({ heads, width }: Layout): number {
  return heads * width;
}

/** One block of rows at a time: besides the outputs only the weights and what the rows are made of must be kept. */
function projectTokens(tokens: TokenVectors, seed: number, shape: Shape): AttentionInputs {
  const { batch, length } = shape;
  const width = columnsOf(layoutOf(shape, "q"));
  const writeRow = tokens.rows(width);
  const [q, k, v] = QKV.map((name) => projectionOf(shape, name, seed, width));
  const rows = new Float64Array(ROW_BLOCK * width);
  for (let entry = 0; entry < batch; entry++) {
    const section = sectionOf(tokens, entry, batch);
    for (let first = 0; first < length; first += ROW_BLOCK) {
      const count = Math.min(ROW_BLOCK, length - first);
      for (let row = 0; row < count; row++) {
        const position = first + row;
        writeRow(rows.subarray(row * width, (row + 1) * width), section + position, position);
      }
      for (const { project } of [q, k, v]) project(rows, entry, first, count);
    }
  }
  return { shape, q: q.values, k: k.values, v: v.values };
}

/** The first token of a batch entry. */
function sectionOf({ count, grid }: TokenVectors, entry: number, batch: number): number {
  if (grid === undefined) return Math.floor((entry * count) / batch);
  return grid.width * Math.floor((entry * grid.height) / batch);
}

/** A tensor that is filled one block of tokens at a time. */
interface Projection {
  readonly values: Float32Array;
  /** Projects `count` vectors, `[ROW_BLOCK, width]`, the first of which is the entry's token `first`. */
  project(rows: Float64Array, entry: number, first: number, count: number): void;
}

function projectionOf(shape: Shape, name: "q" | "k" | "v", seed: number, width: number): Projection {
  const layout = layoutOf(shape, name);
  const columns = columnsOf(layout);
  const weights = projectionWeights(seed, name, columns, width);
  const projected = new Float64Array(ROW_BLOCK * columns);
  const values = new Float32Array(countOf(layout));
  // A tensor has the rows of the last tokens.
  const skipped = shape.length - layout.rows;
  return {
    values,
    project(rows, entry, first, count) {
      if (first + count <= skipped) return;
      projectBlock(rows, weights, width, projected);
      for (let head = 0; head < layout.heads; head++) {
        for (let row = Math.max(0, skipped - first); row < count; row++) {
          const from = row * columns + head * layout.width;
          const to = offsetIn(layout, entry, head, first + row - skipped);
          values.set(projected.subarray(from, from + layout.width), to);
        }
      }
    },
  };
}

/**
 * `[columns, width]` of variance 1/width, so that a projected coordinate has the variance of a row's. Of fewer
 * columns it is a prefix.
 */
function projectionWeights(seed: number, name: string, columns: number, width: number): Float64Array {
  const random = randomStream(seed, hashText("projection"), hashText(name));
  const spread = 1 / Math.sqrt(width);
  return Float64Array.from({ length: columns * width }, () => spread * random.gaussian());
}
