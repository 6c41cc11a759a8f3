import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import { type Rounding, sumsOf } from "../oracle.ts";
import type { AttendBlocks, Balance, MixBlocks } from "./declare.ts";
import { attend } from "./oracle-attend.ts";
import type { Shake } from "./oracle-inverse.ts";
import { type Dense, pickRows, rowNorms } from "./oracle-matrix.ts";
import { addProduct } from "./oracle-product.ts";

/** Steps on blocks of rows, by their definitions. */

/**
 * The logarithms of a balanced matrix: of scores, `iterations` times, each column and then each row has its `ln Σ exp`
 * taken away. `shake` moves all numbers after each of these by as much as a rounding.
 */
export function balanced(
  { scale, iterations }: Balance,
  queries: Dense,
  keys: Dense,
  round: Rounding,
  shake: Shake | null,
): Dense {
  const [rows, width] = [queries.rows, keys.rows];
  const columns = new Float64Array(keys.width * width);
  for (let key = 0; key < width; key++) {
    for (let i = 0; i < keys.width; i++) columns[i * width + key] = keys.data[key * keys.width + i];
  }
  const products = new Float64Array(rows * width);
  addProduct(round, products, Float64Array.from(queries.data), columns, rows, keys.width, width);
  const logs = products.map((product) => round(product * scale));
  if (shake !== null) {
    const [ofQueries, ofKeys] = [rowNorms(queries), rowNorms(keys)];
    shake(logs, (at) => FLOAT32_EPSILON * scale * ofQueries[Math.floor(at / width)] * ofKeys[at % width]);
  }
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (let column = 0; column < width; column++) lessLogSum(logs, column, width, rows, round, shake);
    for (let row = 0; row < rows; row++) lessLogSum(logs, row * width, 1, width, round, shake);
  }
  return { rows, width, data: logs };
}

/** Takes `ln Σ exp` of `count` numbers, `stride` apart, from each of them. */
function lessLogSum(
  logs: Float64Array,
  from: number,
  stride: number,
  count: number,
  round: Rounding,
  shake: Shake | null,
): void {
  const of = Float64Array.from({ length: count }, (_, at) => logs[from + at * stride]);
  const largest = of.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
  const within = sumsOf(round);
  const total = of.reduce((sum, x) => within(sum + round(Math.exp(round(x - largest)))), 0);
  const logSum = round(largest + round(Math.log(total)));
  const less = of.map((x) => round(x - logSum));
  shake?.(less, (at) => FLOAT32_EPSILON * (1 + Math.abs(logSum) + Math.abs(less[at])));
  for (const [at, x] of less.entries()) logs[from + at * stride] = x;
}

/**
 * Mixed blocks, one for each row of `logs`, of `size` rows: row p is a softmax over the blocks that have a row p.
 */
export function mixedBlocks(
  logs: Dense,
  of: Dense,
  size: number,
  round: Rounding,
  wantsMoved: boolean,
): Dense {
  const { width } = of;
  const whole = Math.floor(of.rows / size);
  const inLast = of.rows - whole * size;
  const data = new Float64Array(logs.rows * size * width);
  const moved = new Float64Array(data.length);
  /** Rows `from … to - 1` of each block, those of the first `blocks` blocks side by side. */
  const mix = (blocks: number, from: number, to: number): void => {
    if (from === to || blocks === 0) return;
    const count = (to - from) * width;
    const values = { rows: blocks, width: count, data: new Float64Array(blocks * count) };
    for (let block = 0; block < blocks; block++) {
      const first = (block * size + from) * width;
      values.data.set(of.data.subarray(first, first + count), block * count);
    }
    const asked = { queries: logs, keys: null, values: [values], scale: 1, bias: null, seen: null };
    const [made] = attend(asked, round, true).outputs;
    for (let block = 0; block < logs.rows; block++) {
      const [at, to] = [block * count, (block * size + from) * width];
      data.set(made.data.subarray(at, at + count), to);
      moved.set((made.moved as Float64Array).subarray(at, at + count), to);
    }
  };
  mix(whole + Number(inLast > 0), 0, inLast);
  mix(whole, inLast, size);
  return { rows: logs.rows * size, width, data, ...(wantsMoved && { moved }) };
}

/** How blocks are mixed: exactly or not, and near which mixing that is exact, moved by as much as a rounding. */
interface Mixing {
  readonly round: Rounding;
  readonly wantsMoved: boolean;
  readonly nearby: { readonly exact: MixedBlocks; readonly shake: Shake } | null;
}

/** The mixed blocks of one evaluation: only those that are asked for, since each is as long a sum as there are blocks. */
export class MixedBlocks {
  readonly #made = new Map<string, Dense>();

  /** A block of a matrix that was mixed. */
  get(name: string, block: number): Dense | undefined {
    return this.#made.get(`${block} ${name}`);
  }

  /** Mixes these blocks, as far as they are not yet. */
  mix({ to, size }: MixBlocks, blocks: readonly number[], logs: Dense, of: Dense, mixing: Mixing): void {
    const { round, wantsMoved, nearby } = mixing;
    const missing = blocks.filter((block) => this.get(to, block) === undefined);
    if (missing.length === 0) return;
    const made = mixedBlocks(pickRows(logs, missing), of, size, round, wantsMoved);
    for (const [index, block] of missing.entries()) {
      const own = blockOf(made, index, size);
      const moved = nearby?.exact.get(to, block)?.moved;
      if (moved !== undefined) nearby?.shake(own.data as Float64Array, (at) => moved[at]);
      this.#made.set(`${block} ${to}`, own);
    }
  }
}

/** The rows of a block. */
export function blockOf(of: Dense, block: number, size: number): Dense {
  const count = Math.min(size, of.rows - block * size);
  return pickRows(
    of,
    Array.from({ length: count }, (_, at) => block * size + at),
  );
}

/** Rows of attention within blocks. `rowsOf` are the rows of a block of a matrix. */
export function attendedRows(
  step: AttendBlocks,
  rows: readonly number[],
  queriesOf: (rows: readonly number[]) => Dense,
  rowsOf: (name: string, block: number) => Dense,
  round: Rounding,
  wantsMoved: boolean,
): Dense {
  const blocks = new Map<number, number[]>();
  for (const [at, row] of rows.entries()) {
    const block = Math.floor(row / step.size);
    blocks.set(block, [...(blocks.get(block) ?? []), at]);
  }
  const width = rowsOf(step.values[0], Math.floor(rows[0] / step.size)).width;
  const data = new Float64Array(rows.length * width);
  const moved = new Float64Array(data.length);
  for (const [block, places] of blocks) {
    const [keys, values] = [step.keys, step.values].map(([first, second]) =>
      below(rowsOf(first, block), rowsOf(second, block)),
    );
    const queries = queriesOf(places.map((at) => rows[at]));
    const asked = { queries, keys, values: [values], scale: step.scale, bias: null, seen: null };
    const [made] = attend(asked, round, wantsMoved).outputs;
    for (const [index, at] of places.entries()) {
      data.set(made.data.subarray(index * width, (index + 1) * width), at * width);
      if (made.moved) moved.set(made.moved.subarray(index * width, (index + 1) * width), at * width);
    }
  }
  return { rows: rows.length, width, data, ...(wantsMoved && { moved }) };
}

/** Rows of one matrix, and below them those of another. */
function below(a: Dense, b: Dense): Dense {
  const data = new Float64Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { rows: a.rows + b.rows, width: a.width, data };
}
