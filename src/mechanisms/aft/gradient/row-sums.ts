import type { Numbers } from "../../../core/tensors.ts";
import type { Rounding } from "../../oracle.ts";

/** The keys of a row: up to `end`, of which `from … to - 1` have a bias. */
export interface Keys {
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** One head: k and v `[length, d]`, and which keys each row reads. */
export interface AftHead {
  readonly k: Numbers;
  readonly v: Numbers;
  readonly d: number;
  readonly length: number;
  readonly rows: readonly Keys[];
  readonly biasOf: (query: number, key: number) => number;
  readonly round: Rounding;
}

/** Of every row and channel the mean of the values by their weights, and the logarithm of the weights' sum. */
export interface RowSums {
  readonly means: Float64Array;
  readonly logSums: Float64Array;
}

/** Weights relative to the largest of a channel, their sum, and that of the values they weigh. */
class Running {
  readonly largest: Float64Array;
  readonly total: Float64Array;
  readonly weighted: Float64Array;
  readonly #round: Rounding;

  constructor(d: number, round: Rounding, from: Running | null = null) {
    this.largest = from?.largest.slice() ?? new Float64Array(d).fill(Number.NEGATIVE_INFINITY);
    this.total = from?.total.slice() ?? new Float64Array(d);
    this.weighted = from?.weighted.slice() ?? new Float64Array(d);
    this.#round = round;
  }

  /** Adds `e^logit` of weights and `e^logit · mean` of values to a channel. */
  add(c: number, logit: number, mean: number): void {
    const round = this.#round;
    if (logit > this.largest[c]) {
      const factor = this.total[c] === 0 ? 0 : round(Math.exp(round(this.largest[c] - logit)));
      this.largest[c] = logit;
      this.total[c] = round(this.total[c] * factor);
      this.weighted[c] = round(this.weighted[c] * factor);
    }
    const weight = round(Math.exp(round(logit - this.largest[c])));
    this.total[c] = round(this.total[c] + weight);
    this.weighted[c] = round(this.weighted[c] + round(weight * mean));
  }

  /** The same of `key + bias`; without a bias the logit is the key itself, which nothing rounds. */
  addBiased(c: number, key: number, bias: number, value: number): void {
    this.add(c, bias === 0 ? key : this.#round(key + bias), value);
  }

  logSum(c: number): number {
    return this.#round(this.largest[c] + this.#round(Math.log(this.total[c])));
  }

  mean(c: number): number {
    return this.#round(this.weighted[c] / this.total[c]);
  }
}

/** Keys without a bias are summed once from each end, the others row by row. */
export function rowSums({ k, v, d, length, rows, biasOf, round }: AftHead): RowSums {
  const means = new Float64Array(length * d);
  const logSums = new Float64Array(length * d);
  const afters = sumsAfter({ k, v, d, length, rows, biasOf, round });
  const before = new Running(d, round);
  let next = 0;
  for (const [row, { from, to, end }] of rows.entries()) {
    for (; next < from; next++) addKey(before, k, v, next, d, 0);
    const sums = new Running(d, round, before);
    for (let key = from; key < to; key++) addKey(sums, k, v, key, d, biasOf(row, key));
    const after = to < end ? afters.get(to) : undefined;
    for (let c = 0; c < d; c++) {
      if (after !== undefined) sums.add(c, after.logSum(c), after.mean(c));
      logSums[row * d + c] = sums.logSum(c);
      means[row * d + c] = sums.mean(c);
    }
  }
  return { means, logSums };
}

/** The sums of the keys from each place on after which rows have no bias. */
function sumsAfter({ k, v, d, length, rows, round }: AftHead): ReadonlyMap<number, Running> {
  const wanted = new Set(rows.filter(({ to, end }) => to < end).map(({ to }) => to));
  const found = new Map<number, Running>();
  if (wanted.size === 0) return found;
  const sums = new Running(d, round);
  for (let key = length - 1; key >= 0; key--) {
    addKey(sums, k, v, key, d, 0);
    if (wanted.has(key)) found.set(key, new Running(d, round, sums));
  }
  return found;
}

function addKey(to: Running, k: Numbers, v: Numbers, key: number, d: number, bias: number): void {
  for (let c = 0; c < d; c++) to.addBiased(c, k[key * d + c], bias, v[key * d + c]);
}
