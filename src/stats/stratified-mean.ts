import type { Round } from "./drawn-medians.ts";
import { type Drawing, draw, drawnMean, type GeometricMean } from "./geometric-mean.ts";
import { normalQuantile } from "./normal.ts";

/** A geometric mean to which strata are added one by one. */
export interface StratifiedMean {
  /** Rounds of a stratum, each with the same cells: base's and head's as in `geometricMean`. */
  add(base: readonly Round[], head: readonly Round[], random: () => number): void;
  /** Null if no cell was measured on both sides. */
  end(): GeometricMean | null;
}

/** Rounds on either side of a stratum that an interval needs. */
const FEWEST = 6;

/** Draws from which on the interval is that of their percentiles. */
const ENOUGH = 1000;

/**
 * The geometric mean over the cells of several strata, such as processes that were run one after the other, with the
 * interval of the stratified bootstrap (Efron & Tibshirani 1993, section 8.4): rounds are resampled within their stratum, all
 * cells of a round together, and independently of other strata. No more than a stratum is in memory.
 *
 * With fewer than a thousand draws, which many strata leave the time for, it is the normal interval about the mean of the
 * draws, with the sum of the strata's variances: of many independent strata the sum is normal, and its variance is known
 * well though that of each is not.
 */
export function stratifiedMean({
  confidence = 0.95,
  resamples = 10_000,
}: Pick<Drawing, "confidence" | "resamples"> = {}): StratifiedMean {
  if (!(0 < confidence && confidence < 1)) {
    throw new RangeError(`stratifiedMean: confidence must lie between 0 and 1, got ${confidence}`);
  }
  if (!(Number.isInteger(resamples) && resamples >= 2)) {
    throw new RangeError(`stratifiedMean: resamples must be a whole number from 2, got ${resamples}`);
  }
  /** Sums over all cells so far: of the logarithms of ratios, as measured, and in each draw. */
  let sum = 0;
  const drawn = new Float64Array(resamples);
  let variance = 0;
  let cells = 0;
  let enough = true;
  return {
    add(base, head, random) {
      const stratum = drawnMean("stratifiedMean", base, head);
      const whole = stratum(new Int32Array(base.length).fill(1), new Int32Array(head.length).fill(1));
      if (whole.cells === 0) return;
      cells += whole.cells;
      sum += whole.cells * whole.mean;
      enough &&= Math.min(base.length, head.length) >= FEWEST;
      if (!enough) return;
      const times = { base: new Int32Array(base.length), head: new Int32Array(head.length) };
      let [mean, squares] = [0, 0];
      for (let count = 0; count < resamples; count++) {
        let one = stratum(draw(times.base, random), draw(times.head, random));
        while (one.cells === 0) one = stratum(draw(times.base, random), draw(times.head, random));
        const value = whole.cells * one.mean;
        drawn[count] += value;
        // Welford's (1962) running variance.
        const from = value - mean;
        mean += from / (count + 1);
        squares += from * (value - mean);
      }
      variance += squares / (resamples - 1);
    },
    end() {
      if (cells === 0) return null;
      const point = { ratio: Math.exp(sum / cells), cells };
      if (!enough) return { ...point, low: null, high: null };
      const tail = (1 - confidence) / 2;
      if (resamples < ENOUGH) {
        const mean = drawn.reduce((total, one) => total + one, 0) / resamples;
        const reach = -normalQuantile(tail) * Math.sqrt(variance);
        return { ...point, low: Math.exp((mean - reach) / cells), high: Math.exp((mean + reach) / cells) };
      }
      const sorted = drawn.toSorted();
      const beyond = Math.floor(tail * resamples);
      return {
        ...point,
        low: Math.exp(sorted[beyond] / cells),
        high: Math.exp(sorted[resamples - 1 - beyond] / cells),
      };
    },
  };
}
