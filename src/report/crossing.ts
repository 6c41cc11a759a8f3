import { type Crossover, crossover, type RatioPoint } from "../stats/crossover.ts";
import type { MediansByCase } from "../stats/round-medians.ts";
import { roundRatio } from "../stats/round-ratio.ts";
import { lengthsOf, rowAt, type Series } from "./series.ts";
import { sharedRounds } from "./shared-rounds.ts";
import { isTimed, type SpeedUp, speedUp, speedUpWithPrepare } from "./speed-up.ts";

/** What is compared with the baseline: one call, or the first call, for which the kernel must be prepared. */
export type Timing = "call" | "with prepare";

/** From which length on a series is faster than the baseline, or so many times as fast. */
export interface Crossing {
  /** Within the lengths at which both were measured; `crossover` is known if it is `from`. */
  readonly kind: "always" | "from" | "never";
  readonly crossover: Crossover | null;
  /** Lengths at which the interval of the ratio holds that number, so that noise alone may have decided. */
  readonly unsure: readonly number[];
}

/** How a crossing within the measured lengths reads, wherever it is said or drawn. */
export type Reading =
  /** Only the medians, in the middle of the noise, say where it lies. */
  | { readonly sure: "medians"; readonly length: number }
  /** At `length` at the latest: nowhere below is it surely slower, and where the medians cross is chance. */
  | { readonly sure: "latest"; readonly length: number }
  /** `high` is null if it may lie beyond the lengths measured. */
  | {
      readonly sure: "interval";
      readonly length: number;
      readonly low: number;
      readonly high: number | null;
    };

/** How what was found reads. */
export function readingOf({ length, low, high }: Crossover): Reading {
  if (low !== null) return { sure: "interval", length, low, high };
  return high === null ? { sure: "medians", length } : { sure: "latest", length: high };
}

/**
 * The length from which a series stays more than `gain` times as fast as the baseline; null if no length has both.
 */
export function crossingOf(
  series: Series,
  times: MediansByCase,
  timing: Timing = "call",
  gain = 1,
): Crossing | null {
  // A file may hold times whose ratio no number can be.
  const points = ratioPoints(series, times, timing)
    .map((point) => over(point, gain))
    .filter(({ ratio }) => ratio > 0 && ratio < Number.POSITIVE_INFINITY);
  if (points.length === 0) return null;
  const found = crossover(points);
  const last = points[points.length - 1];
  return {
    kind: found !== null ? "from" : last.ratio > 1 ? "always" : "never",
    crossover: found,
    unsure: points
      .filter(({ low, high }) => low !== null && high !== null && low <= 1 && 1 <= high)
      .map(({ length }) => length),
  };
}

/** Orders crossings: those that are faster at every length first, then by the length from which, then those that never are. */
export function byLength(a: Crossing, b: Crossing): number {
  return placeOf(a) - placeOf(b);
}

function placeOf({ kind, crossover: found }: Crossing): number {
  if (kind === "always") return 0;
  return kind === "never" ? Number.MAX_VALUE : (found?.length ?? 0);
}

function over({ length, ratio, low, high }: RatioPoint, gain: number): RatioPoint {
  const share = (end: number | null) => (end === null ? null : end / gain);
  return { length, ratio: ratio / gain, low: share(low), high: share(high) };
}

/**
 * The speed-up over the baseline at every length that has both, rising. If the two share six rounds, ratio
 * and interval are those of the rounds, in which what slows both alike cancels; otherwise those of the
 * medians. With prepare time the interval comes only from rounds, because the scatter of prepare times was
 * not recorded: they are taken as exact.
 */
function ratioPoints(series: Series, times: MediansByCase, timing: Timing): readonly RatioPoint[] {
  return lengthsOf([series]).flatMap((length) => {
    const [row, baseline] = [rowAt(series, length), rowAt(series.baseline, length)];
    if (row === undefined || baseline === undefined || !isTimed(row)) return [];
    const [ofRow, ofBaseline] = timing === "call" ? [0, 0] : [row.prepare_s, baseline.prepare_s];
    if (ofRow === null || ofBaseline === null) return [];
    const rounds = sharedRounds([row, baseline], times);
    const paired = roundRatio(
      rounds.map(([, seconds]) => seconds + ofBaseline),
      rounds.map(([seconds]) => seconds + ofRow),
    );
    if (paired !== null) return [{ length, ...paired }];
    const gain = timing === "call" ? speedUp(series, length) : bareRatio(speedUpWithPrepare(series, length));
    return gain === null ? [] : [{ length, ...gain }];
  });
}

/** Without an interval, where it would say nothing of prepare times. */
function bareRatio(gain: SpeedUp | null): SpeedUp | null {
  return gain === null ? null : { ratio: gain.ratio, low: null, high: null };
}
