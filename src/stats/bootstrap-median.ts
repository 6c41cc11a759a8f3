import { binomialTail } from "./binomial-tail.ts";
import { logChoose } from "./log-choose.ts";

/** A distribution over finitely many values: ascending, with weights that sum to 1. */
export interface Discrete {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Which of as many sorted values, by their ranks from 0, are the middle ones of a resample, and how often: they depend on
 * nothing but how many there are. Both are the same where one value is the middle.
 */
export interface MiddleRanks {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly weights: Float64Array;
}

/**
 * The bootstrap distribution of the median itself, without drawing: which of the sorted values are the middle
 * ones of a resample follows from binomial probabilities (Efron 1979, Ann. Statist. 7, section 3; Maritz &
 * Jarrett 1978, JASA 73, 194-196). So there is no seed, no number of resamples, and no lower limit to the
 * tails but the distribution's own. Of many samples of one size `ranks` need be made only once.
 */
export function bootstrapMedian(
  sample: ArrayLike<number>,
  ranks: MiddleRanks = middleRanks(sample.length),
): Discrete {
  const sorted = Float64Array.from(sample).sort();
  const count = sorted.length;
  if (Number.isNaN(sorted[count - 1])) {
    throw new RangeError("bootstrapMedian: values must be numbers, got NaN");
  }
  const { lower, upper, weights } = ranks;
  const middles = new Float64Array(lower.length);
  for (let at = 0; at < lower.length; at++) {
    const [from, to] = [lower[at], upper[at]];
    middles[at] = from === to ? sorted[from] : (sorted[from] + sorted[to]) / 2;
  }
  const order = Array.from(middles.keys()).sort((a, b) => middles[a] - middles[b]);
  const distribution = { values: new Float64Array(order.length), weights: new Float64Array(order.length) };
  for (let at = 0; at < order.length; at++) {
    distribution.values[at] = middles[order[at]];
    distribution.weights[at] = weights[order[at]];
  }
  return distribution;
}

/** Refuses to have the middle of nothing. */
export function middleRanks(count: number): MiddleRanks {
  if (count === 0) throw new RangeError("bootstrapMedian: at least one value is needed");
  const pairs = count % 2 === 0 ? pairWeights(count) : () => 0;
  const middle = Math.ceil(count / 2);
  const atoms: { readonly lower: number; readonly upper: number; readonly weight: number }[] = [];
  let before = 0;
  for (let lower = 1; lower <= count; lower++) {
    const upTo = binomialTail(middle, count, lower / count);
    let alone = upTo - before;
    before = upTo;
    for (let upper = lower + 1; upper <= count; upper++) {
      const weight = pairs(lower, upper);
      if (weight < NEGLIGIBLE) break;
      alone -= weight;
      atoms.push({ lower: lower - 1, upper: upper - 1, weight });
    }
    if (alone >= NEGLIGIBLE) atoms.push({ lower: lower - 1, upper: lower - 1, weight: alone });
  }
  return {
    lower: Int32Array.from(atoms, (one) => one.lower),
    upper: Int32Array.from(atoms, (one) => one.upper),
    weights: Float64Array.from(atoms, ({ weight }) => weight),
  };
}

/** Weights below this are omitted: for thousands of values nearly all. */
const NEGLIGIBLE = 1e-18;

/**
 * For an even count, the probability that the two middle draws have these different ranks: half of the draws
 * have at most the lower rank and reach it, the others have at least the upper and reach that.
 */
function pairWeights(count: number): (lower: number, upper: number) => number {
  const half = count / 2;
  const ways = logChoose(count, half);
  // The log of the probability that the largest of half the draws has this rank; by symmetry, the smallest as
  // well.
  const largest = Float64Array.from({ length: count + 1 }, (_, rank) =>
    rank === 0
      ? Number.NEGATIVE_INFINITY
      : logPower(rank / count, half) + Math.log(-Math.expm1(logPower(1 - 1 / rank, half))),
  );
  return (lower, upper) => Math.exp(ways + largest[lower] + largest[count + 1 - upper]);
}

function logPower(base: number, exponent: number): number {
  return exponent * Math.log(base);
}
