import type { Layout } from "../../../core/shape.ts";
import { ownFloats } from "../call/own-floats.ts";
import { LANES } from "../code/transpose.ts";
import type { BlockQueue } from "../products/block-queue.ts";
import { inTurn, type Means, type Operand, type PlannedSum, sumRows } from "../products/operations.ts";

/** Columns of a product that lie together in packed weights: as many as the widest tile of products has. */
const PANEL = 64;
/** From so many rows on it costs less to lay the weights out anew than to read them as they are: measured with 512 and 1024 numbers in a token. */
const PACKED_ROWS = 1024;
/** Rows of an item that packs. */
const TOGETHER = 128;

/** Some columns of one head, from `column` of it on. */
export interface Panel {
  readonly head: number;
  readonly column: number;
  readonly width: number;
}

/** Weights as products read them. */
export interface LaidOut {
  readonly panels: readonly Panel[];
  /** A panel from a row of the weights on. */
  of(panel: Panel, row: number): Operand;
  /** What lays them out, anew in each call, since they may change; null if they are read as they are. */
  readonly packing: BlockQueue | null;
  readonly bytes: number;
}

/** Weights of `inner` rows for the heads on the other side, to be multiplied by so many rows. */
export function layOut(
  matrix: Float32Array,
  inner: number,
  { heads, width }: Layout,
  rows: number,
  means: Means,
): LaidOut {
  const panels = Array.from({ length: heads }, (_, head) => panelsOf(head, width)).flat();
  const columns = heads * width;
  const given = ({ head, column }: Panel, row: number): Operand => {
    return { array: matrix, from: row * columns + head * width + column, row: columns };
  };
  if (rows < PACKED_ROWS) return { panels, of: given, packing: null, bytes: 0 };
  const starts = new Map<Panel, number>();
  let floats = 0;
  for (const panel of panels) {
    starts.set(panel, floats);
    floats += inner * wholeVectors(panel.width);
  }
  const packed = ownFloats(means.ffi, floats);
  const of = (panel: Panel, row: number): Operand => {
    const stride = wholeVectors(panel.width);
    return { array: packed, from: (starts.get(panel) ?? 0) + row * stride, row: stride };
  };
  const sums = panels.flatMap((panel) =>
    Array.from({ length: Math.ceil(inner / TOGETHER) }, (_, at): PlannedSum => {
      const first = at * TOGETHER;
      const here = { rows: Math.min(TOGETHER, inner - first), columns: panel.width };
      return { from: given(panel, first), to: of(panel, first), ...here };
    }),
  );
  return { panels, of, packing: sumRows(inTurn(sums), means), bytes: 4 * floats };
}

function panelsOf(head: number, width: number): Panel[] {
  return Array.from({ length: Math.ceil(width / PANEL) }, (_, at) => {
    const column = at * PANEL;
    return { head, column, width: Math.min(PANEL, width - column) };
  });
}

function wholeVectors(width: number): number {
  return Math.ceil(width / LANES) * LANES;
}
