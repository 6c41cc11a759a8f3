import { holm } from "../stats/holm.ts";
import { type WelchRatio, welchRatio } from "../stats/welch-ratio.ts";
import type { TimedCell } from "./compare-times.ts";
import type { ComparedMean } from "./comparison.ts";
import { detectableShare } from "./detectable-share.ts";
import type { RoundMeans } from "./round-means.ts";
import { sizedVerdict } from "./verdict.ts";

/**
 * The probability of calling the mean of any cell changed if none has: in addition to that of the medians,
 * which it must not reduce.
 */
const MEANS_ERROR = 0.01;

/** A cost counts if it must have occurred this often on each side. */
const LEAST_COSTS = 6;

/** Compares the means of cells, and judges each in view of all; null if a side has none. */
export function compareMeans(
  cells: readonly TimedCell[],
  threshold: number,
): readonly (ComparedMean | null)[] {
  const seen = cells.map(evidenceOf);
  const judged = seen.filter((one) => one !== null);
  const adjusted = holm(judged.map(({ p }) => p));
  let next = 0;
  return cells.map(({ baseMeans, headMeans }, index) => {
    if (baseMeans.size === 0 || headMeans.size === 0) return null;
    const [base_s, head_s] = [baseMeans, headMeans].map(meanOf);
    const calls = Math.min(
      ...[baseMeans, headMeans].map((means) => Math.floor(callsOf(means) / LEAST_COSTS)),
    );
    const evidence = seen[index];
    const common = { base_s, head_s, calls, note: null };
    if (evidence === null) {
      const time = { ratio: head_s / base_s, low: null, high: null };
      return { ...common, time, verdict: "unresolved", detectable: null };
    }
    const { ratio, low, high } = evidence;
    const verdict = sizedVerdict(evidence, adjusted[next++] <= MEANS_ERROR, threshold);
    const detectable = detectableShare(evidence, judged.length, threshold, MEANS_ERROR);
    return { ...common, time: { ratio, low, high }, verdict, detectable };
  });
}

function evidenceOf({ baseMeans, headMeans }: TimedCell): WelchRatio | null {
  return welchRatio(secondsOf(baseMeans), secondsOf(headMeans));
}

/** Rising, so that the order of a file's lines does not affect the last digit of a sum. */
function secondsOf(means: RoundMeans): number[] {
  return [...means.values()].map(({ seconds }) => seconds).sort((a, b) => a - b);
}

function meanOf(means: RoundMeans): number {
  return secondsOf(means).reduce((sum, one) => sum + one, 0) / means.size;
}

function callsOf(means: RoundMeans): number {
  return [...means.values()].reduce((sum, one) => sum + one.calls, 0);
}
