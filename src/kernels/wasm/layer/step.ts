import { countOf, FLOAT_BYTES, type Layout, type TensorName } from "../../../core/shape.ts";
import type { Call, ScratchPlan } from "../call.ts";
import type { CallWeights } from "../call-weights.ts";
import { MOST_HEAD_DIM, PANEL_QUERIES, panelRows, QUERY_ROW } from "../layout.ts";
import { LAYER_ITEM, PACKED_ROWS, POOL, PRODUCT, PRODUCT_TILE } from "./layout.ts";

/** Where a tensor is: one of the call's, or at a place of its scratch. */
export type Home = { readonly tensor: TensorName } | { readonly place: number };

/** A tensor on one side of a step: whole tokens are one head. */
export interface Side {
  readonly home: Home;
  readonly layout: Layout;
}

/** One thing that a layer does around its heads. */
export interface LayerStep {
  /** Its items, phase by phase: of which kind, and how many. */
  readonly phases: ReadonlyArray<{ readonly kind: number; readonly units: number }>;
  /** Where the words are that its items point at, and what they are. */
  readonly at: number;
  words(call: Call, weights: CallWeights): readonly number[];
  /** Operations, whole panels counted, and numbers that are read and written of tokens, heads and the output. */
  readonly flops: number;
  readonly floats: number;
  readonly lane: LaneRoom;
}

/** Words that each thread needs for rows that were brought in, and for sums. */
export interface LaneRoom {
  readonly queries: number;
  readonly output: number;
}

/** Where a tensor begins. */
export function startOf(home: Home, call: Call): number {
  return "place" in home ? call.place(home.place) : call.startOf(home.tensor, 0, 0);
}

/** What a product is made with, by the names of inputs. */
export interface ProductOperands {
  /** The table that is added to the rows; null if there is none. */
  readonly table: string | null;
  /** The weights; null if the rows go to the other side as they are. */
  readonly matrix: string | null;
  readonly bias: string | null;
  /** Tokens that the product is added to, with their table and the factor on it; null if it is not. */
  readonly residual: {
    readonly tokens: TensorName;
    readonly table: string | null;
    readonly factor: string;
  } | null;
}

/** Room that products share, the columns of a panel, and how many threads there are. */
export interface ProductMeans {
  readonly packed: number;
  readonly panelKeys: number;
  readonly threads: number;
}

/** Panels of an item at least, if threads share those of one tile: it copies the rows of the tile. */
const LEAST_PANELS = 4;
/** Items for each thread, if there are as many. */
const ITEMS_PER_THREAD = 4;

/** Rows times weights, `to = (from + table) · matrix + bias`. */
export function productStep(
  from: Side,
  to: Side,
  { table, matrix, bias, residual }: ProductOperands,
  { packed, panelKeys, threads }: ProductMeans,
  plan: ScratchPlan,
): LayerStep {
  const inner = from.layout.heads * from.layout.width;
  const columns = to.layout.heads * to.layout.width;
  const { batch, rows } = from.layout;
  const tiles = Math.ceil((batch * rows) / PRODUCT_TILE.rows);
  const panels = Math.ceil(columns / panelKeys);
  const groups =
    threads === 1 || matrix === null
      ? 1
      : Math.max(
          1,
          Math.min(Math.floor(panels / LEAST_PANELS), Math.ceil((ITEMS_PER_THREAD * threads) / tiles)),
        );
  // A single panel of rows reads each number of the weights once: packing them would take longer.
  const isPacked = batch * rows > PANEL_QUERIES;
  const phases =
    matrix === null
      ? [{ kind: LAYER_ITEM.carry, units: tiles }]
      : [
          ...(isPacked ? [{ kind: LAYER_ITEM.pack, units: Math.ceil(inner / PACKED_ROWS) }] : []),
          { kind: LAYER_ITEM.multiply, units: tiles * groups },
        ];
  const own = residual === null ? 0 : countOf(to.layout);
  return {
    phases,
    at: plan.words(Object.keys(PRODUCT).length),
    words(call, weights) {
      const named = (name: string | null): number => (name === null ? 0 : weights.at(name));
      const source = bytesOf(from.layout);
      const target = bytesOf(to.layout);
      return wordsOf(PRODUCT, {
        inner,
        columns,
        rows,
        entries: batch,
        groups,
        weights: named(matrix),
        panels: isPacked ? call.place(packed) : named(matrix),
        panelBytes: FLOAT_BYTES * panelKeys * (isPacked ? inner : 1),
        columnBytes: FLOAT_BYTES * (isPacked ? panelKeys : columns),
        from: startOf(from.home, call),
        fromEntry: source.entry,
        fromRow: source.row,
        fromHead: source.head,
        fromWidth: from.layout.width,
        table: named(table),
        to: startOf(to.home, call),
        toEntry: target.entry,
        toRow: target.row,
        toHead: target.head,
        toWidth: to.layout.width,
        bias: named(bias),
        gamma: residual === null ? 0 : named(residual.factor),
        tokens: residual === null ? 0 : call.startOf(residual.tokens, 0, 0),
        tokenTable: residual === null ? 0 : named(residual.table),
      });
    },
    flops: matrix === null ? 0 : 2 * computedRows(batch * rows) * panels * panelKeys * inner,
    floats: countOf(from.layout) + countOf(to.layout) + own,
    lane: {
      queries: tileWords(batch * rows, inner),
      output: (inner > PRODUCT_TILE.columns ? panels : 1) * PRODUCT_TILE.rows * panelKeys,
    },
  };
}

/** The largest of squares of 2 × 2 pixels, `pixels` in a row. */
export function poolStep(from: Side, to: Side, pixels: number, plan: ScratchPlan): LayerStep {
  const { batch, heads, rows: length, width } = from.layout;
  const rows = to.layout.rows / Math.floor(pixels / 2);
  return {
    phases: [{ kind: LAYER_ITEM.pool, units: batch * heads * rows }],
    at: plan.words(Object.keys(POOL).length),
    words: (call) =>
      wordsOf(POOL, {
        from: startOf(from.home, call),
        to: startOf(to.home, call),
        length,
        pixels,
        rows,
        width,
      }),
    flops: 0,
    floats: 5 * countOf(to.layout),
    lane: { queries: 0, output: 0 },
  };
}

/** Words of the rows of a tile that are brought in together: its blocks lie as far apart however few they are. */
function tileWords(rows: number, columns: number): number {
  const blocks = Math.ceil(Math.min(columns, PRODUCT_TILE.columns) / MOST_HEAD_DIM);
  const last = Math.ceil(Math.min(rows, PRODUCT_TILE.rows) / PANEL_QUERIES) * PANEL_QUERIES;
  return (((blocks - 1) * PRODUCT_TILE.rows + last) * QUERY_ROW) / FLOAT_BYTES;
}

/** Bytes from one batch entry, head and row to the next. */
function bytesOf({ heads, rows, width }: Layout): { entry: number; head: number; row: number } {
  const row = FLOAT_BYTES * width;
  return { entry: heads * rows * row, head: rows * row, row };
}

/** Words in the order of a layout. */
function wordsOf<Name extends string>(
  layout: Readonly<Record<Name, number>>,
  values: Readonly<Record<Name, number>>,
): number[] {
  const words: number[] = [];
  for (const name in layout) words[layout[name]] = values[name];
  return words;
}

/** Rows that tiles compute, whole panels counted. */
function computedRows(rows: number): number {
  let computed = 0;
  for (let first = 0; first < rows; first += PRODUCT_TILE.rows) {
    const here = Math.min(PRODUCT_TILE.rows, rows - first);
    const whole = Math.floor(here / PANEL_QUERIES) * PANEL_QUERIES;
    computed += whole + (here > whole ? panelRows(here - whole) : 0);
  }
  return computed;
}
