import { FLOAT32_EPSILON, FLOAT32_LEAST, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { Numbers } from "../../core/tensors.ts";
import { float32, float64, type ReferenceRow, type Rounding, sumsOf } from "../oracle.ts";
import type { PairWeights } from "./weighed-head.ts";

/** Sums of weighted values of several rows, key by key, and how far roundings may move them. */
export class WeighedRows {
  readonly #weights: PairWeights;
  readonly #width: number;
  readonly #round: Rounding;
  /** Of sums. */
  readonly #within: Rounding;
  /** `[rows, width]`: `Σ_j w_j v_j`, `Σ_j |w_j v_j|`, `Σ_j Δw_j |v_j|`, and what is lost to subnormal numbers. */
  readonly #values: Float64Array;
  readonly #sizes: Float64Array;
  readonly #moved: Float64Array;
  readonly #lost: Float64Array;
  /** A row: `Σ_j w_j`, `Σ_j Δw_j`, and the largest logarithm so far. */
  readonly #totals: Float64Array;
  readonly #movedTotals: Float64Array;
  readonly #largest: Float64Array;

  /** How far roundings move a row is asked of the exact one alone. */
  readonly #isExact: boolean;

  constructor(weights: PairWeights, rows: number, width: number, round: Rounding) {
    this.#isExact = round === float64;
    this.#weights = weights;
    this.#width = width;
    this.#round = round;
    this.#within = sumsOf(round);
    const [values, sizes, moved, lost] = [0, 1, 2, 3].map(() => new Float64Array(rows * width));
    this.#values = values;
    this.#sizes = sizes;
    this.#moved = moved;
    this.#lost = lost;
    this.#totals = new Float64Array(rows);
    this.#movedTotals = new Float64Array(rows);
    this.#largest = new Float64Array(rows).fill(weights.logarithmic ? Number.NEGATIVE_INFINITY : 0);
  }

  /** Adds the value at `at` of v to the first `count` rows, by the weights of its key. */
  add(v: Numbers, at: number, count: number): void {
    const { weights, moved, lost, logarithmic } = this.#weights;
    const round = this.#round;
    for (let row = 0; row < count; row++) {
      let weight = weights[row];
      let by = moved[row];
      if (logarithmic) {
        if (!(weight <= this.#largest[row])) this.#raise(row, weight);
        weight = round(Math.exp(round(weight - this.#largest[row])));
        by *= weight;
      }
      this.#totals[row] = this.#within(this.#totals[row] + weight);
      this.#movedTotals[row] += by;
      this.#addValue(row * this.#width, weight, by, FLOAT32_LEAST * lost[row], v, at);
    }
  }

  #addValue(from: number, weight: number, by: number, lost: number, v: Numbers, at: number): void {
    const round = this.#within;
    const to = { from, width: this.#width, values: this.#values, sizes: this.#sizes };
    if (round === float64) addExactly(to, weight, v, at);
    else if (round === float32) addSingly(to, weight, v, at);
    else addRounded(to, weight, v, at, round);
    if (this.#isExact) addMoved(to, this.#moved, this.#lost, by, lost, v, at);
  }

  /** Weights of a row are relative to the largest so far, as in an online softmax. */
  #raise(row: number, largest: number): void {
    const factor = this.#round(Math.exp(this.#round(this.#largest[row] - largest)));
    this.#largest[row] = largest;
    this.#totals[row] = this.#within(this.#totals[row] * factor);
    this.#movedTotals[row] *= factor;
    for (let at = row * this.#width; at < (row + 1) * this.#width; at++) {
      this.#values[at] = this.#within(this.#values[at] * factor);
      this.#sizes[at] *= factor;
      this.#moved[at] *= factor;
    }
  }

  /** What the weights of a row add up to. */
  total(row: number): RowTotal {
    return { sum: this.#totals[row], moved: this.#movedTotals[row], largest: this.#largest[row] };
  }

  /** A row of the output: divided by its sum and ε, and 0 if no weight is above 0. */
  row(row: number, epsilon: number): ReferenceRow {
    const [from, to] = [row * this.#width, (row + 1) * this.#width];
    return weighedRow(
      {
        values: this.#values.slice(from, to),
        sizes: this.#sizes.slice(from, to),
        moved: this.#moved.slice(from, to),
        lost: this.#lost.slice(from, to),
        total: this.#totals[row],
        movedTotal: this.#movedTotals[row],
      },
      epsilon,
      this.#round,
    );
  }
}

/** `Σ_j w_j v_j` of a row, `Σ_j |w_j v_j|`, `Σ_j Δw_j |v_j|`, what is lost to subnormal numbers, `Σ_j w_j` and `Σ_j Δw_j`. */
export interface SumsOfRow {
  readonly values: Float64Array;
  readonly sizes: Float64Array;
  readonly moved: Float64Array;
  readonly lost: Float64Array;
  readonly total: number;
  readonly movedTotal: number;
}

/** A row divided by the sum of its weights and ε, and 0 if no weight is above 0. */
export function weighedRow(sums: SumsOfRow, epsilon: number, round: Rounding): ReferenceRow {
  const divisor = sumsOf(round)(sums.total + epsilon);
  const size = Math.abs(divisor);
  const over = (sum: number): number => (divisor === 0 ? 0 : sum / size);
  const values = sums.values.map((sum) => (divisor === 0 ? sum : round(sum / divisor)));
  const moved = sums.moved.map(over);
  const lost = sums.lost.map(over);
  const movedTotal = over(sums.movedTotal);
  const flushed = movedTotal > 0 ? over(FLOAT32_LEAST) : 0;
  return {
    values,
    magnitudes: sums.sizes.map(over),
    slack: () => {
      if (round !== float64) throw new TypeError("featureMap: slack belongs to the exact rows");
      return values.map((value, i) => {
        // Where weights cancel in their sum, the quotient moves by more than its numerator.
        const off = Math.max(moved[i], Math.abs(value) * movedTotal);
        return FLOAT32_EPSILON * off + lost[i] + flushed + FLOAT32_TINIEST;
      });
    },
  };
}

/** The sum of a row's weights. */
export interface RowTotal {
  /** Relative to the exponential of the largest logarithm, if weights are logarithms. */
  readonly sum: number;
  /** How far float32 roundings may move it, in units of ε. */
  readonly moved: number;
  /** The largest logarithm; 0 if weights are none. */
  readonly largest: number;
}

/** Where a row's sums lie. */
interface RowSums {
  readonly from: number;
  readonly width: number;
  readonly values: Float64Array;
  readonly sizes: Float64Array;
}

// Float64 and float32 have loops of their own, since references of long sequences spend their time here.

function addExactly({ from, width, values, sizes }: RowSums, weight: number, v: Numbers, at: number): void {
  for (let i = 0; i < width; i++) {
    const product = weight * v[at + i];
    values[from + i] += product;
    sizes[from + i] += Math.abs(product);
  }
}

function addSingly({ from, width, values, sizes }: RowSums, weight: number, v: Numbers, at: number): void {
  const { fround } = Math;
  for (let i = 0; i < width; i++) {
    const product = fround(weight * v[at + i]);
    values[from + i] = fround(values[from + i] + product);
    sizes[from + i] += Math.abs(product);
  }
}

function addRounded(
  { from, width, values, sizes }: RowSums,
  weight: number,
  v: Numbers,
  at: number,
  round: Rounding,
): void {
  for (let i = 0; i < width; i++) {
    const product = round(weight * v[at + i]);
    values[from + i] = round(values[from + i] + product);
    sizes[from + i] += Math.abs(product);
  }
}

function addMoved(
  { from, width }: RowSums,
  moved: Float64Array,
  lost: Float64Array,
  by: number,
  least: number,
  v: Numbers,
  at: number,
): void {
  for (let i = 0; i < width; i++) {
    const size = Math.abs(v[at + i]);
    moved[from + i] += by * size;
    lost[from + i] += least * size;
  }
}
