import { median } from "./median.ts";
import { studentTBeyond } from "./student-t.ts";

/**
 * The two-sided p-value of the difference of two samples' medians, by Student's distribution: the variance of a median
 * is π/2 that of a mean, and noise is measured by median distances, so that outliers hardly count. Noise may differ: a
 * sample whose scale is more than two standard errors above the other's counts by its own, with its own degrees of
 * freedom (Welch 1947); one that is not, by the greater of the two scales, so that six values need not tell their noise
 * by themselves. Values whose neighbours correlate count as fewer. Of samples with equal medians one or two in a
 * hundred have p ≤ 0.01, and four where one is of 12 values with noise three times as strong. 1 if the medians are
 * equal; 0 if they differ and nothing scatters.
 */
export function levelShift(before: Float64Array, after: Float64Array, correlation = 0): number {
  const shift = median(after) - median(before);
  if (shift === 0) return 1;
  const counted = (1 - Math.max(0, correlation)) / (1 + Math.max(0, correlation));
  const [scaleBefore, scaleAfter] = [scaleOf(before), scaleOf(after)];
  const [first, second] = [
    noiseOf(scaleBefore, before.length, scaleAfter, after.length),
    noiseOf(scaleAfter, after.length, scaleBefore, before.length),
  ].map(({ scale, freedom }, at) => ({
    variance: ((Math.PI / 2) * scale ** 2) / (counted * (at === 0 ? before : after).length),
    freedom: Math.max(1, counted * freedom),
  }));
  const variance = first.variance + second.variance;
  if (variance === 0) return 0;
  const freedom =
    variance ** 2 / (first.variance ** 2 / first.freedom + second.variance ** 2 / second.freedom);
  return studentTBeyond(Math.abs(shift) / Math.sqrt(variance), Math.max(1, Math.floor(freedom)));
}

/** The median distance from the median, as a standard deviation of normal noise. */
function scaleOf(values: Float64Array): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

/** Of the logarithm of such a scale, times the root of the number of values: 1/√(2 · 0.37) for normal noise. */
const ERROR_OF_LOG = 1.17;

function noiseOf(
  own: number,
  count: number,
  other: number,
  otherCount: number,
): { readonly scale: number; readonly freedom: number } {
  const error = ERROR_OF_LOG * Math.sqrt(1 / count + 1 / otherCount);
  if (own > other * Math.exp(2 * error)) return { scale: own, freedom: count - 1 };
  return { scale: Math.max(own, other), freedom: count + otherCount - 2 };
}
