import { binomialTail } from "./binomial-tail.ts";
import { logChoose } from "./log-choose.ts";

/** A distribution over finitely many values: ascending, with weights that sum to 1. */
export interface Discrete {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The bootstrap distribution of the median itself, without drawing: which of the sorted values are the middle
 * ones of a resample follows from binomial probabilities (Efron 1979, Ann. Statist. 7, section 3; Maritz &
 * Jarrett 1978, JASA 73, 194-196). So there is no seed, no number of resamples, and no lower limit to the
 * tails but the distribution's own.
 */
export function bootstrapMedian(sample: ArrayLike<number>): Discrete {
  const sorted = Float64Array.from(sample).sort();
  const count = sorted.length;
  if (count === 0) throw new RangeError("bootstrapMedian: at least one value is needed");
  if (Number.isNaN(sorted[count - 1])) {
    throw new RangeError("bootstrapMedian: values must be numbers, got NaN");
  }
  const pairs = count % 2 === 0 ? pairWeights(count) : () => 0;
  const middle = Math.ceil(count / 2);
  const atoms: [value: number, weight: number][] = [];
  let before = 0;
  for (let lower = 1; lower <= count; lower++) {
    const upTo = binomialTail(middle, count, lower / count);
    let alone = upTo - before;
    before = upTo;
    for (let upper = lower + 1; upper <= count; upper++) {
      const weight = pairs(lower, upper);
      if (weight < NEGLIGIBLE) break;
      alone -= weight;
      atoms.push([(sorted[lower - 1] + sorted[upper - 1]) / 2, weight]);
    }
    if (alone >= NEGLIGIBLE) atoms.push([sorted[lower - 1], alone]);
  }
  atoms.sort(([a], [b]) => a - b);
  return {
    values: Float64Array.from(atoms, ([value]) => value),
    weights: Float64Array.from(atoms, ([, weight]) => weight),
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
