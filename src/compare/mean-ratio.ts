import { hashText, randomStream } from "../core/random.ts";
import { geometricMean } from "../stats/geometric-mean.ts";
import type { RoundMedians } from "../stats/round-medians.ts";
import type { TimedCell } from "./compare-times.ts";
import type { TimeRatio } from "./comparison.ts";

/**
 * Steps that all resamples of one mean may take together, some seconds, and the least and greatest number of
 * resamples.
 */
const STEPS = 1e9;
const RESAMPLES = { least: 1000, most: 10_000 } as const;

/**
 * The geometric mean of the ratios of at least one cell, over whole rounds, since what slows one slows all of
 * its cells. Only `seed` and the cells decide the draws, so that the same files give the same result.
 */
export function meanRatio(cells: readonly TimedCell[], seed: number): TimeRatio {
  const base = byRound(cells.map(({ baseRounds }) => baseRounds));
  const head = byRound(cells.map(({ headRounds }) => headRounds));
  const { least, most } = RESAMPLES;
  const affordable = Math.floor(STEPS / (cells.length * (base.length + head.length)));
  const random = randomStream(seed, ...cells.map(({ identity }) => hashText(identity.case))).uniform;
  const resamples = Math.min(most, Math.max(least, affordable));
  const mean = geometricMean(base, head, { resamples, random });
  if (mean === null) throw new TypeError("meanRatio: a cell must have a round on both sides");
  return { ratio: mean.ratio, low: mean.low, high: mean.high };
}

/** One list per round, in which each cell has its place; null if it has no time. */
export function byRound(cells: readonly RoundMedians[]): readonly (readonly (number | null)[])[] {
  const rounds = [...new Set(cells.flatMap((cell) => [...cell.keys()]))].sort((a, b) => a - b);
  return rounds.map((round) => cells.map((cell) => cell.get(round) ?? null));
}
