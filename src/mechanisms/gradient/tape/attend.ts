import type { Arithmetic } from "./arithmetic.ts";
import { type Tape, Value } from "./tape.ts";

/** Softmax attention of some rows over some others. */
export interface Attention {
  /** null for unit vectors, the i-th of which scores a key by its i-th channel. */
  readonly queries: Value | null;
  /** null for unit vectors, the j-th of which is scored by the j-th channel of a query. Not both are null. */
  readonly keys: Value | null;
  /** Values under the same weights; for each a result is made. */
  readonly values: readonly Value[];
  readonly scale: number;
  /** What is added to the scores of each key, `[keys, 1]`; null if nothing is. */
  readonly bias: Value | null;
  /** The keys of a row, each once; all if null. */
  readonly keysOf: ((row: number) => ArrayLike<number>) | null;
}

/** What it makes. */
export interface Attended {
  readonly outputs: readonly Value[];
  /** `ln Σ_j exp(score_ij)`, `[rows, 1]`; of a row without keys -∞. */
  readonly logSums: Value;
}

/** Rows whose additions to keys are summed by themselves first. */
const BLOCK = 64;

/**
 * `Σ_j p_ij v_j`, `p_ij = exp(s_ij - L_i)`, `s_ij = scale·q_i·k_j + b_j`, a row without keys being 0. With `g = dout_i·v_j`
 * and `ds_ij = p_ij (g_ij - Σ_j p_ij g_ij + dL_i)` the gradients are `dv_j = Σ_i p_ij dout_i`, `db_j = Σ_i ds_ij`, `dq_i =
 * scale Σ_j ds_ij k_j` and `dk_j = scale Σ_i ds_ij q_i`.
 */
export function attend(tape: Tape, attention: Attention): Attended {
  const { queries, keys, values, keysOf } = attention;
  const { arithmetic } = tape;
  const rows = queries === null ? (keys?.width ?? 0) : queries.rows;
  const count = keys === null ? values[0].rows : keys.rows;
  const every = Uint32Array.from({ length: count }, (_, key) => key);
  const listOf = keysOf ?? (() => every);
  const outputs = values.map(({ width }) => new Value(rows, width, new Float64Array(rows * width)));
  const logSums = new Value(rows, 1, new Float64Array(rows));
  const scores = new Scores(attention, arithmetic);
  for (let row = 0; row < rows; row++) {
    const list = listOf(row);
    const { weights, total, logSum } = scores.weigh(row, list);
    (logSums.data as Float64Array)[row] = logSum;
    if (list.length === 0) continue;
    for (const [index, output] of outputs.entries()) {
      const data = output.data as Float64Array;
      const { width, data: from } = values[index];
      for (let at = 0; at < list.length; at++) {
        arithmetic.add(weights[at], from, list[at] * width, data, row * width, width);
      }
      for (let i = row * width; i < (row + 1) * width; i++) data[i] = arithmetic.round(data[i] / total);
    }
  }
  tape.step(() => {
    const reached = outputs.map((output) => output.reached);
    if (reached.every((gradient) => gradient === null) && logSums.reached === null) return;
    const backward = new Backward(attention, arithmetic, scores);
    for (let row = 0; row < rows; row++) {
      const ofLogSum = logSums.reached?.[row] ?? 0;
      const isReached = reached.some((gradient, index) => {
        const { width } = values[index];
        return gradient?.subarray(row * width, (row + 1) * width).some((x) => x !== 0);
      });
      if (isReached || ofLogSum !== 0) backward.row(row, listOf(row), reached, ofLogSum);
      if (row % BLOCK === BLOCK - 1) backward.flush();
    }
    backward.flush();
  });
  return { outputs, logSums };
}

/** Scores of a row's keys, and their weights. */
class Scores {
  readonly #attention: Attention;
  readonly #arithmetic: Arithmetic;

  constructor(attention: Attention, arithmetic: Arithmetic) {
    this.#attention = attention;
    this.#arithmetic = arithmetic;
  }

  /** `exp(s - largest)` of each key, their sum, and its logarithm. */
  weigh(
    row: number,
    list: ArrayLike<number>,
  ): { readonly weights: Float64Array; readonly total: number; readonly logSum: number } {
    const { round } = this.#arithmetic;
    const weights = new Float64Array(list.length);
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < list.length; at++) {
      weights[at] = this.#score(row, list[at]);
      largest = Math.max(largest, weights[at]);
    }
    let total = 0;
    for (let at = 0; at < weights.length; at++) {
      weights[at] = round(Math.exp(round(weights[at] - largest)));
      total = round(total + weights[at]);
    }
    const logSum = list.length === 0 ? largest : round(largest + round(Math.log(total)));
    return { weights, total, logSum };
  }

  #score(row: number, key: number): number {
    const { queries, keys, scale, bias } = this.#attention;
    const { round, dot } = this.#arithmetic;
    const product = (): number => {
      if (queries === null) return keys === null ? Number.NaN : keys.data[key * keys.width + row];
      if (keys === null) return queries.data[row * queries.width + key];
      const { width } = keys;
      const one = { of: queries.data, at: row * width, step: 1 };
      return dot(one, { of: keys.data, at: key * width, step: 1 }, width);
    };
    const scaled = scale === 1 ? product() : round(product() * scale);
    return bias === null ? scaled : round(scaled + bias.data[key]);
  }
}

/** The way back, row by row; what is added to keys and values is summed in blocks of rows. */
class Backward {
  readonly #attention: Attention;
  readonly #arithmetic: Arithmetic;
  readonly #scores: Scores;
  readonly #blocks = new Map<Value, { readonly sums: Float64Array; readonly reached: Set<number> }>();

  constructor(attention: Attention, arithmetic: Arithmetic, scores: Scores) {
    this.#attention = attention;
    this.#arithmetic = arithmetic;
    this.#scores = scores;
  }

  row(
    row: number,
    list: ArrayLike<number>,
    reached: readonly (Float64Array | null)[],
    ofLogSum: number,
  ): void {
    const { values, queries, keys, scale, bias } = this.#attention;
    const { round, dot } = this.#arithmetic;
    const { weights, total } = this.#scores.weigh(row, list);
    const shares = weights.map((weight) => round(weight / total));
    const slopes = new Float64Array(list.length);
    for (const [index, gradient] of reached.entries()) {
      if (gradient === null) continue;
      const { width, data } = values[index];
      const along = { of: gradient, at: row * width, step: 1 };
      for (let at = 0; at < list.length; at++) {
        const ofWeight = dot(along, { of: data, at: list[at] * width, step: 1 }, width);
        slopes[at] = slopes[at] === 0 ? ofWeight : round(slopes[at] + ofWeight);
        this.#add(values[index], list[at], shares[at], gradient, row * width);
      }
    }
    const mean = dot({ of: shares, at: 0, step: 1 }, { of: slopes, at: 0, step: 1 }, list.length);
    const less = ofLogSum === 0 ? mean : round(mean - ofLogSum);
    for (let at = 0; at < list.length; at++) {
      const key = list[at];
      const slope = round(shares[at] * round(slopes[at] - less));
      if (bias !== null) this.#add(bias, key, slope, ONE, 0);
      const scaled = scale === 1 ? slope : round(slope * scale);
      if (queries === null) {
        if (keys !== null) this.#addOne(keys, key, row, scaled);
      } else if (keys === null) {
        const to = row * queries.width + key;
        queries.adjoint[to] = round(queries.adjoint[to] + scaled);
      } else {
        const { width } = keys;
        this.#arithmetic.add(scaled, keys.data, key * width, queries.adjoint, row * width, width);
        this.#add(keys, key, scaled, queries.data, row * width);
      }
    }
  }

  /** Adds the block to what its rows were added to. */
  flush(): void {
    for (const [value, { sums, reached }] of this.#blocks) {
      const { width, adjoint } = value;
      for (const row of reached) {
        this.#arithmetic.add(1, sums, row * width, adjoint, row * width, width);
        sums.fill(0, row * width, (row + 1) * width);
      }
      reached.clear();
    }
  }

  #add(to: Value, row: number, factor: number, of: ArrayLike<number>, at: number): void {
    const sums = this.#blockOf(to, row);
    this.#arithmetic.add(factor, of as Float64Array, at, sums, row * to.width, to.width);
  }

  #addOne(to: Value, row: number, column: number, x: number): void {
    const sums = this.#blockOf(to, row);
    sums[row * to.width + column] = this.#arithmetic.round(sums[row * to.width + column] + x);
  }

  #blockOf(to: Value, row: number): Float64Array {
    let block = this.#blocks.get(to);
    if (block === undefined) {
      block = { sums: new Float64Array(to.rows * to.width), reached: new Set() };
      this.#blocks.set(to, block);
    }
    block.reached.add(row);
    return block.sums;
  }
}

const ONE = Float64Array.of(1);
