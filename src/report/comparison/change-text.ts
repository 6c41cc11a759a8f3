import type { ComparedCell, TimeRatio } from "../../compare/comparison.ts";
import { formatRatio, formatSeconds } from "../../text/format.ts";
import { isDetected } from "./verdicts.ts";

/** What is shown when no change was detected: not a number that a reader could take for one. */
export const UNDETECTED = "~";

/** What is shown for something unknown. */
export const UNKNOWN = "–";

/** The change of a cell's median, such as `+5.2 %`; `~` if none was detected. */
export function cellChange({ medianVerdict, time }: Pick<ComparedCell, "medianVerdict" | "time">): string {
  return isDetected(medianVerdict) ? changeText(time.ratio) : UNDETECTED;
}

/** The change of a cell's mean; a dash if it has none. */
export function cellMeanChange({ mean }: Pick<ComparedCell, "mean">): string {
  if (mean === null) return UNKNOWN;
  return isDetected(mean.verdict) ? changeText(mean.time.ratio) : UNDETECTED;
}

/**
 * What would have been seen in a cell's mean: the size of a slow-down, and on one call in how many: `≥ 4 %, 1
 * in 108`.
 */
export function meanSightText({ mean }: Pick<ComparedCell, "mean">): string {
  return mean === null ? UNKNOWN : `${detectableText(mean.detectable)}, 1 in ${mean.calls}`;
}

/**
 * `; mean ~ (−1 … +2 %), could see ≥ 4 %, 1 in 108`, for outputs with one line per cell; empty if there is no
 * mean.
 */
export function meanText(cell: Pick<ComparedCell, "mean">): string {
  if (cell.mean === null) return "";
  return `; mean ${cellMeanChange(cell)} (${intervalText(cell.mean.time)}), could see ${meanSightText(cell)}`;
}

/**
 * The change of a mean over cells: `~` if its interval includes no change, or it is smaller than the margin.
 */
export function meanChange({ ratio, low, high }: TimeRatio, margin: number): string {
  const apart = low !== null && high !== null && (low > 1 || high < 1);
  return apart && Math.abs(ratio - 1) >= margin ? changeText(ratio) : UNDETECTED;
}

/**
 * A ratio as a change: `+5.2 %`, `−12.0 %`; from a doubling or halving onwards the ratio itself, such as
 * `2.3×`.
 */
export function changeText(ratio: number): string {
  if (!(ratio > 0 && ratio < Number.POSITIVE_INFINITY)) return UNKNOWN;
  if (ratio >= 2 || ratio <= 0.5) return formatRatio(ratio, 3);
  return `${percentChange(ratio)} %`;
}

/** An interval of ratios as changes: `+3.9 … +6.6 %`. */
export function intervalText({ low, high }: TimeRatio): string {
  if (low === null || high === null) return UNKNOWN;
  const ends = [changeText(low), changeText(high)];
  const alike = ends.every((end) => end.endsWith(" %"));
  return alike ? `${percentChange(low)} … ${ends[1]}` : ends.join(" … ");
}

/**
 * The smallest slow-down that would have been seen, such as `≥ 4 %`: rounded up, because less is not
 * guaranteed.
 */
export function detectableText(detectable: number | null): string {
  if (detectable === null || !(detectable >= 0 && detectable < Number.POSITIVE_INFINITY)) return UNKNOWN;
  // Via text, so that 100 × 0.07 is 7 and not slightly more.
  const percent = Number((100 * detectable).toPrecision(12));
  if (percent === 0) return "≥ 0 %";
  const unit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  const up = Number((Math.ceil(Number((percent / unit).toPrecision(12))) * unit).toPrecision(2));
  return `≥ ${up} %`;
}

/** A share such as the margin: `3 %`. */
export function shareText(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** Seconds per call; a dash if they are no time. */
export function secondsText(seconds: number): string {
  return seconds >= 0 && seconds < Number.POSITIVE_INFINITY ? formatSeconds(seconds) : UNKNOWN;
}

/** One decimal, more if it would otherwise show no change although there is one. */
function percentChange(ratio: number): string {
  const percent = 100 * (ratio - 1);
  const size = Math.abs(percent);
  if (size === 0) return "0";
  const text = size >= 0.95 ? size.toFixed(1) : `${Number(size.toPrecision(1))}`;
  return `${percent < 0 ? "−" : "+"}${text}`;
}
