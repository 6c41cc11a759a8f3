import type { Workspace } from "../../workspace.ts";
import { addToSums, type Factor, isZero } from "./factor.ts";

type Numbers = Float32Array | Float64Array;

/** Values that some weights are for, and the gradient of what they make, `[rows, width]`. */
export interface Weighed {
  readonly values: Factor;
  readonly along: Numbers;
  readonly alongAt: number;
}

/** One head of softmax attention, on the way back. */
export interface AttentionBack {
  /** null for unit vectors, as many as keys have channels. */
  readonly queries: Factor | null;
  /** null for unit vectors, as many as queries have channels. Not both are null. */
  readonly keys: Factor | null;
  readonly weighed: readonly Weighed[];
  readonly scale: number;
  /** What is added to the scores of each key, `[keys, 1]`. */
  readonly bias: Factor | null;
  /** The gradient of the logarithm of each row's sum of weights; null if it goes nowhere. */
  readonly logSums: Float64Array | null;
}

/**
 * Rows of softmax attention on the way back, each over keys that lie together or are listed. Weights are computed once more;
 * of those of a row the gradients are `p (dout·v - Σ p dout·v)`. A row along which nothing comes is left out.
 */
export class AttentionRows {
  readonly #weights: Float64Array;
  readonly #slopes: Float64Array;

  constructor(mostKeys: number, workspace: Workspace) {
    this.#weights = workspace.float64(mostKeys);
    this.#slopes = workspace.float64(mostKeys);
  }

  /** Keys `first … first + count - 1`. */
  stretch(attention: AttentionBack, row: number, first: number, count: number): void {
    this.#row(attention, row, null, first, count);
  }

  /** The first `count` keys of a list. */
  listed(attention: AttentionBack, row: number, list: Int32Array, count: number): void {
    this.#row(attention, row, list, 0, count);
  }

  #row(attention: AttentionBack, row: number, list: Int32Array | null, first: number, count: number): void {
    const { weighed, logSums } = attention;
    const ofLogSum = logSums === null ? 0 : logSums[row];
    const comes = weighed.some(({ values: { width }, along, alongAt }) => {
      return !isZero(along, alongAt + row * width, width);
    });
    if (count === 0 || !(comes || ofLogSum !== 0)) return;
    this.#weigh(attention, row, list, first, count);
    const [weights, slopes] = [this.#weights, this.#slopes];
    slopes.fill(0, 0, count);
    for (const { values, along, alongAt } of weighed) {
      const { width } = values;
      const own = alongAt + row * width;
      for (let n = 0; n < count; n++) {
        const key = list === null ? first + n : list[n];
        const at = values.at + key * width;
        let sum = 0;
        for (let i = 0; i < width; i++) sum += along[own + i] * values.values[at + i];
        slopes[n] += sum;
        addToSums(values, key, weights[n], along, own);
      }
    }
    let mean = -ofLogSum;
    for (let n = 0; n < count; n++) mean += weights[n] * slopes[n];
    for (let n = 0; n < count; n++) {
      this.#add(attention, row, list === null ? first + n : list[n], weights[n] * (slopes[n] - mean));
    }
  }

  /** `exp(s - ln Σ exp s)` of a row's keys. */
  #weigh(
    { queries, keys, scale, bias }: AttentionBack,
    row: number,
    list: Int32Array | null,
    first: number,
    count: number,
  ): void {
    const weights = this.#weights;
    let largest = Number.NEGATIVE_INFINITY;
    for (let n = 0; n < count; n++) {
      const key = list === null ? first + n : list[n];
      let score = 0;
      if (queries === null) score = keys === null ? 0 : keys.values[keys.at + key * keys.width + row];
      else if (keys === null) score = queries.values[queries.at + row * queries.width + key];
      else {
        const [one, other] = [queries.at + row * queries.width, keys.at + key * keys.width];
        for (let i = 0; i < keys.width; i++) score += queries.values[one + i] * keys.values[other + i];
      }
      score *= scale;
      if (bias !== null) score += bias.values[bias.at + key];
      weights[n] = score;
      if (!(score <= largest)) largest = score;
    }
    let total = 0;
    for (let n = 0; n < count; n++) {
      weights[n] = Math.exp(weights[n] - largest);
      total += weights[n];
    }
    for (let n = 0; n < count; n++) weights[n] /= total;
  }

  /** The gradient of a score to what it is made of. */
  #add({ queries, keys, scale, bias }: AttentionBack, row: number, key: number, slope: number): void {
    if (bias?.sums) bias.sums[bias.sumsAt + key] += slope;
    const scaled = slope * scale;
    if (queries === null) {
      if (keys?.sums) keys.sums[keys.sumsAt + key * keys.width + row] += scaled;
    } else if (keys === null) {
      if (queries.sums !== null) queries.sums[queries.sumsAt + row * queries.width + key] += scaled;
    } else {
      addToSums(queries, row, scaled, keys.values, keys.at + key * keys.width);
      addToSums(keys, key, scaled, queries.values, queries.at + row * queries.width);
    }
  }
}

/** Operations of a pair whose score is a product `width` wide, and whose values are so wide together. */
export function pairBackFlops(width: number, values: number): number {
  return 6 * width + 4 * values;
}
