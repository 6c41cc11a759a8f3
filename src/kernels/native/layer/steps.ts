import { countOf, type Layout } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { BlockQueue } from "../products/block-queue.ts";
import {
  inTurn,
  type Means,
  multiply,
  type Operand,
  type PlannedProduct,
  type PlannedSum,
  sumRows,
} from "../products/operations.ts";
import { type RowBlock, rowBlocks, rowsOf, type Side } from "./rows.ts";
import { layOut, type Panel } from "./weights.ts";

/** One thing that a layer does around its heads, in phases. */
export interface LayerStep {
  readonly queues: readonly BlockQueue[];
  /** Operations, and numbers that are read and written of tokens, heads and the output. */
  readonly flops: number;
  readonly floats: number;
  /** Bytes that it holds besides queues. */
  readonly bytes: number;
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
  const bias = weights.bias === null ? null : tensorNamed(inputs, weights.bias);
  const gamma = weights.gamma === null ? null : tensorNamed(inputs, weights.gamma);
  const scale = gamma === null ? 1 : () => gamma[0];
  const one: Operand = { array: ones, from: 0, row: 0, column: 0 };
  const { heads, width } = from.layout;
  const columns = to.layout.heads * to.layout.width;
  const rows = from.layout.batch * from.layout.rows;
  const laid = layOut(tensorNamed(inputs, weights.matrix), heads * width, to.layout, rows, means);
  const productsOf = (block: RowBlock, panel: Panel): PlannedProduct[] => {
    const beside = panel.head * to.layout.width + panel.column;
    const c = rowsOf(to, block, panel.head);
    const common = {
      c: { ...c, from: c.from + panel.column },
      ...{ rows: block.rows, columns: panel.width, scale },
    };
    const terms = Array.from({ length: heads }, (_, source) => ({
      ...common,
      a: rowsOf(from, block, source),
      b: laid.of(panel, source * width),
      inner: width,
    }));
    const biases =
      bias === null ? [] : [{ ...common, a: one, b: { array: bias, from: beside, row: 0 }, inner: 1 }];
    return [...terms, ...biases].map((product, at) => ({ ...product, add: at > 0 || gamma !== null }));
  };
  const products = rowBlocks(from.layout).map((block) =>
    laid.panels.flatMap((panel) => productsOf(block, panel)),
  );
  return {
    queues: [...(laid.packing === null ? [] : [laid.packing]), multiply(products, means)],
    flops: 2 * rows * columns * heads * width,
    floats: countOf(from.layout) + countOf(to.layout),
    bytes: laid.bytes,
  };
}

/** Tokens as they are, or with a table added to each, to the side of heads: every head takes its columns. */
export function carried(planning: Planning, from: Side, to: Side, table: string | null): LayerStep {
  const positions = table === null ? null : tensorNamed(planning.inputs, table);
  return moved(planning, to.layout, (block, head, { width }) => {
    const row = from.layout.width;
    return {
      from: columnsOf(rowsOf(from, block, 0), head * width),
      ...(positions !== null && {
        other: { array: positions, from: block.first * row + head * width, row },
      }),
      to: rowsOf(to, block, head),
    };
  });
}

/** The columns of all heads side by side, as one head. */
export function gathered(planning: Planning, from: Side, to: Side): LayerStep {
  return moved(planning, from.layout, (block, head, { width }) => {
    return { from: rowsOf(from, block, head), to: columnsOf(rowsOf(to, block, 0), head * width) };
  });
}

/** Rows of every head from one side to the other. */
function moved(
  { means }: Planning,
  layout: Layout,
  sumOf: (block: RowBlock, head: number, layout: Layout) => Pick<PlannedSum, "from" | "other" | "to">,
): LayerStep {
  const sums = rowBlocks(layout).flatMap((block) =>
    Array.from({ length: layout.heads }, (_, head): PlannedSum => {
      return { ...sumOf(block, head, layout), rows: block.rows, columns: layout.width };
    }),
  );
  return { queues: [sumRows(inTurn(sums), means)], flops: 0, floats: 2 * countOf(layout), bytes: 0 };
}

function columnsOf(rows: Operand, first: number): Operand {
  return { ...rows, from: rows.from + first };
}
