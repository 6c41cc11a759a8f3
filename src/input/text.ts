import { printable, UsageError } from "../core/errors.ts";
import { hashText, randomStream } from "../core/random.ts";
import { checkShape, countOf, type Layout, layoutOf, offsetIn, QKV, type Shape } from "../core/shape.ts";
import type { AttentionInputs, InputSource } from "../core/tensors.ts";
import { withFile } from "../files/readable-file.ts";
import { positionAt, positionFrequencies } from "./positions.ts";
import { projectBlock, ROW_BLOCK } from "./projection.ts";
import { type TokenSequence, tokenize } from "./tokens.ts";

/** The longest text read, in bytes; about ten million words. */
const MAX_TEXT_BYTES = 1 << 26;

/** The widest model, heads · headDim, that is projected: its weights take 3 · width² numbers. */
const MAX_WIDTH = 4096;

/** Variance of a coordinate of token plus position: 1 of the embedding, 1/2 of a sine on average. */
const COORDINATE_VARIANCE = 1.5;

/**
 * A UTF-8 text as attention inputs: its tokens are embedded, given sinusoidal positions and projected to the
 * heads' q, k and v, all with seeded gaussian weights. Nothing is trained: the inputs have the repetitions of
 * language and no meaning. Batch entry b is the section of the text that starts at token floor(b · tokens /
 * batch), whatever the length; its positions start at 0. Fewer queries than keys are those of the last
 * tokens. `maxLength` holds for a batch of one.
 */
export function textSource(path: string, seed: number): InputSource {
  const where = printable(path);
  const tokens = tokenize(readText(path));
  const count = tokens.ids.length;
  if (!(count >= 1)) throw new UsageError(`${where}: a text must hold at least one word`);
  return {
    name: `text:${where} (untrained projections)`,
    stored: true,
    maxLength: count,
    inputs(shape) {
      checkShape(shape);
      if (!(shape.batch * shape.length <= count)) {
        throw new UsageError(
          `${where}: batch × length must be at most the text's ${count} tokens, got ${shape.batch} × ${shape.length}; ` +
            "ask for fewer or give a longer text",
        );
      }
      if (!(shape.queries <= shape.length)) {
        throw new UsageError(
          `${where}: queries are the text's last tokens and must be at most as many as keys, got ${shape.queries} for ${shape.length}; ask for fewer`,
        );
      }
      const widest = Math.max(...QKV.map((name) => columnsOf(layoutOf(shape, name))));
      if (!(widest <= MAX_WIDTH)) {
        throw new UsageError(
          `${where}: heads × head dimension must be at most ${MAX_WIDTH} for a text, got ${widest}; ask for fewer heads`,
        );
      }
      return embedText(tokens, seed, shape);
    },
  };
}

function readText(path: string): string {
  const where = printable(path);
  const bytes = withFile(path, (file) => {
    if (!(file.size <= MAX_TEXT_BYTES)) {
      throw new UsageError(
        `${where}: a text must be at most ${MAX_TEXT_BYTES} bytes long, got ${file.size}; shorten it`,
      );
    }
    const content = new Uint8Array(file.size);
    file.read(0, content);
    return content;
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${where}: a text must be UTF-8; convert it, such as with iconv -t UTF-8`);
  }
}

/** Coordinates of one token in a tensor, of all its heads together. */
function columnsOf({ heads, width }: Layout): number {
  return heads * width;
}

/**
 * One block of rows at a time: besides the outputs only the weights and the embeddings in use must be kept.
 */
function embedText(tokens: TokenSequence, seed: number, shape: Shape): AttentionInputs {
  const { batch, length } = shape;
  const width = columnsOf(layoutOf(shape, "q"));
  const embed = embeddings(tokens, seed, width);
  const frequencies = positionFrequencies(width);
  const [q, k, v] = QKV.map((name) => projectionOf(shape, name, seed, width));
  const rows = new Float64Array(ROW_BLOCK * width);
  for (let entry = 0; entry < batch; entry++) {
    const section = Math.floor((entry * tokens.ids.length) / batch);
    for (let first = 0; first < length; first += ROW_BLOCK) {
      const count = Math.min(ROW_BLOCK, length - first);
      for (let row = 0; row < count; row++) {
        const embedding = embed(tokens.ids[section + first + row]);
        placeRow(rows.subarray(row * width, (row + 1) * width), embedding, first + row, frequencies);
      }
      for (const { project } of [q, k, v]) project(rows, entry, first, count);
    }
  }
  return { shape, q: q.values, k: k.values, v: v.values };
}

/** A tensor that is filled one block of tokens at a time. */
interface Projection {
  readonly values: Float32Array;
  /** Projects `count` embedded tokens, `[ROW_BLOCK, width]`, the first of which is the entry's token `first`. */
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

/** Standard normal vectors that depend on the token's letters alone, each made when it is first asked for. */
function embeddings(tokens: TokenSequence, seed: number, width: number): (id: number) => Float64Array {
  const made = new Map<number, Float64Array>();
  return (id) => {
    let embedding = made.get(id);
    if (embedding === undefined) {
      const random = randomStream(seed, hashText("token embedding"), hashText(tokens.distinct[id]));
      embedding = Float64Array.from({ length: width }, () => random.gaussian());
      made.set(id, embedding);
    }
    return embedding;
  };
}

/** Token plus position, scaled to a variance of 1 per coordinate. */
function placeRow(
  row: Float64Array,
  embedding: Float64Array,
  position: number,
  frequencies: Float64Array,
): void {
  const scale = 1 / Math.sqrt(COORDINATE_VARIANCE);
  for (let index = 0; index < row.length; index++) {
    row[index] = scale * (embedding[index] + positionAt(position, index, frequencies));
  }
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
