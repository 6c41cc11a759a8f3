import { countOf } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { BlockQueue } from "../products/block-queue.ts";
import {
  type Means,
  multiply,
  type Operand,
  type PlannedProduct,
  type PlannedSum,
  sumRows,
} from "../products/operations.ts";
import { type RowBlock, rowBlocks, rowsOf, type Side } from "./rows.ts";

/** One thing that a layer does around its heads. */
export interface LayerStep {
  readonly queue: BlockQueue;
  /** Operations, and numbers that are read and written of tokens, heads and the output. */
  readonly flops: number;
  readonly floats: number;
}

/** What steps are planned with. */
export interface Planning {
  readonly inputs: AttentionInputs;
  readonly means: Means;
  /** An array that holds 1. */
  readonly ones: Float32Array;
}

/** The names of what a product is made with; null for none. */
export interface Weights {
  readonly matrix: string;
  readonly bias: string | null;
  /** The factor on the product, which is added to what is there already; null if it replaces that. */
  readonly gamma: string | null;
}

/** Rows times weights, from all heads on one side to all on the other: `to = from · matrix + bias`, or to += γ · that. */
export function projection(
  { inputs, means, ones }: Planning,
  from: Side,
  to: Side,
  weights: Weights,
): LayerStep {
  const matrix = tensorNamed(inputs, weights.matrix);
  const bias = weights.bias === null ? null : tensorNamed(inputs, weights.bias);
  const gamma = weights.gamma === null ? null : tensorNamed(inputs, weights.gamma);
  const scale = gamma === null ? 1 : () => gamma[0];
  const columns = to.layout.heads * to.layout.width;
  const one: Operand = { array: ones, from: 0, row: 0, column: 0 };
  const productsOf = (block: RowBlock, head: number): PlannedProduct[] => {
    const { width } = to.layout;
    const c = rowsOf(to, block, head);
    const common = { c, rows: block.rows, columns: width, scale };
    const terms = Array.from({ length: from.layout.heads }, (_, source) => ({
      ...common,
      a: rowsOf(from, block, source),
      b: { array: matrix, from: source * from.layout.width * columns + head * width, row: columns },
      inner: from.layout.width,
    }));
    const added = { ...common, a: one, inner: 1 };
    const all = [
      ...terms,
      ...(bias === null ? [] : [{ ...added, b: { array: bias, from: head * width, row: columns } }]),
    ];
    return all.map((product, at) => ({ ...product, add: at > 0 || gamma !== null }));
  };
  const sequences = rowBlocks(from.layout).map((block) =>
    Array.from({ length: to.layout.heads }, (_, head) => productsOf(block, head)).flat(),
  );
  const rows = from.layout.batch * from.layout.rows;
  return {
    queue: multiply(sequences, means),
    flops: 2 * rows * columns * from.layout.heads * from.layout.width,
    floats: countOf(from.layout) + countOf(to.layout),
  };
}

/** Tokens as they are, or with a table added to each, to the side of heads: every head takes its columns. */
export function carried({ inputs, means }: Planning, from: Side, to: Side, table: string | null): LayerStep {
  const positions = table === null ? null : tensorNamed(inputs, table);
  const { heads, width } = to.layout;
  const sums = rowBlocks(to.layout).flatMap((block) =>
    Array.from({ length: heads }, (_, head): PlannedSum => {
      const tokens = rowsOf(from, block, 0);
      const row = from.layout.width;
      return {
        from: { ...tokens, from: tokens.from + head * width },
        ...(positions !== null && {
          other: { array: positions, from: block.first * row + head * width, row },
        }),
        ...{ to: rowsOf(to, block, head), rows: block.rows, columns: width },
      };
    }),
  );
  return { queue: sumRows(sums, means), flops: 0, floats: countOf(from.layout) + countOf(to.layout) };
}
