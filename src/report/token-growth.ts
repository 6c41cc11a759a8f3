import { logLogSlope } from "../stats/log-log-slope.ts";
import type { MediansByCase } from "../stats/round-medians.ts";
import { roundSlope } from "../stats/round-slope.ts";
import { type Exponent, exponentText } from "./growth.ts";
import type { Series } from "./series.ts";
import { sharedRounds } from "./shared-rounds.ts";
import { isTimed, type TimedRow } from "./speed-up.ts";
import { WORDS } from "./words.ts";

/** How the time of one token grows with its position. */
export interface TokenGrowth {
  readonly series: Series;
  /** Null if there are too few positions or they have no rounds in common. */
  readonly time: Exponent | null;
  /**
   * The position from which a token attends equally many keys, past the window; null if it is fitted over
   * all.
   */
  readonly from: number | null;
  readonly declared: number;
}

/**
 * Fits the exponent of position: over the positions past a window's end if the series has one, otherwise over
 * all. With four positions or more by the medians, whose scatter about the line gives the interval; with
 * fewer by rounds.
 */
export function tokenGrowth(series: Series, times: MediansByCase = new Map()): TokenGrowth {
  const timed = series.rows.filter(isTimed);
  const steady = steadyRows(timed);
  const positions = steady.map((row) => row.length);
  const time =
    logLogSlope(
      positions,
      steady.map((row) => row.median_s),
    ) ?? roundSlope(positions, sharedRounds(steady, times));
  const from = steady.length < timed.length ? steady[0].length : null;
  return { series, time, from, declared: series.exponent };
}

/** The last positions whose tokens attend equally many keys, two at least; else all. */
function steadyRows(timed: readonly TimedRow[]): readonly TimedRow[] {
  const keys = timed[timed.length - 1]?.pairs ?? null;
  if (keys === null) return timed;
  const steady = timed.slice(timed.findLastIndex((row) => row.pairs !== keys) + 1);
  return steady.length < 2 ? timed : steady;
}

/** `P^0.98 ± 0.02`, with `from 256 on` if it is not over all. */
export function tokenExponentText(exponent: Exponent): string {
  return exponentText(exponent, WORDS.step.letter);
}
