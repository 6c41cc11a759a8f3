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
export const MEANS_ERROR = 0.01;

/** A cost counts if it must have occurred this often on each side. */
const LEAST_COSTS = 6;

/** What the means of a cell say by themselves; null if they are too few to say anything. */
export function meanEvidence({ baseMeans, headMeans }: TimedCell): WelchRatio | null {
  return welchRatio(secondsOf(baseMeans), secondsOf(headMeans));
}

/** Costs on at least one call in this many count; null if a side has no means. */
export function callsCovered({ baseMeans, headMeans }: TimedCell): number | null {
  if (baseMeans.size === 0 || headMeans.size === 0) return null;
  return Math.min(...[baseMeans, headMeans].map((means) => Math.floor(callsOf(means) / LEAST_COSTS)));
}

/**
 * Compares the means of a cell, and judges them in view of all `cells` that can be judged, by a p that is adjusted for them;
 * null if a side has none.
 */
export function comparedMean(
  cell: TimedCell,
  evidence: WelchRatio | null,
  { adjustedP, cells }: { readonly adjustedP: number; readonly cells: number },
  threshold: number,
): ComparedMean | null {
  const calls = callsCovered(cell);
  if (calls === null) return null;
  const [base_s, head_s] = [cell.baseMeans, cell.headMeans].map(meanOf);
  const common = { base_s, head_s, calls, note: null };
  if (evidence === null) {
    const time = { ratio: head_s / base_s, low: null, high: null };
    return { ...common, time, verdict: "unresolved", detectable: null };
  }
  const { ratio, low, high } = evidence;
  const verdict = sizedVerdict(evidence, adjustedP <= MEANS_ERROR, threshold);
  const detectable = detectableShare(evidence, cells, threshold, MEANS_ERROR);
  return { ...common, time: { ratio, low, high }, verdict, detectable };
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
