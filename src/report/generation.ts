import { blockRatio } from "../stats/block-ratio.ts";
import { powerLawIntegral } from "../stats/power-law-integral.ts";
import { quotient } from "../stats/quotient.ts";
import type { Series } from "./series.ts";
import { isTimed, type SpeedUp, type TimedRow } from "./speed-up.ts";

/** Seconds to generate tokens from nothing, with the ends of an interval; null if a time within has none. */
export interface Generation {
  readonly seconds: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The time of the given number of tokens, one after the other, from nothing: time per token summed over
 * positions, with power laws between the measured ones; below the first, the law through the first two is
 * extended, so that a variant whose time grows is not charged for its start as if it did not. The ends add up
 * the ends of the times, as if all erred alike, so the interval is wider than a 95 % interval. Null past the
 * last measured position.
 */
export function generationOf(series: Series, tokens: number): Generation | null {
  const timed = series.rows.filter(isTimed).toSorted((a, b) => a.length - b.length);
  const exponentBelow = startingGrowth(timed);
  const over = (seconds: (row: TimedRow) => number | null): number | null => {
    const values = timed.map((row) => ({ at: row.length, value: seconds(row) ?? 0 }));
    const within = values.slice(0, values.findIndex(({ at }) => at >= tokens) + 1);
    if (within.some(({ value }) => !(0 < value && value < Number.POSITIVE_INFINITY))) return null;
    const sum = powerLawIntegral(within, tokens, exponentBelow);
    return sum === null || !Number.isFinite(sum) || sum === 0 ? null : sum;
  };
  const seconds = over((row) => row.median_s);
  if (seconds === null) return null;
  const [low, high] = [over((row) => row.low_s), over((row) => row.high_s)];
  return low === null || high === null
    ? { seconds, low: null, high: null }
    : { seconds, low: Math.min(low, seconds), high: Math.max(high, seconds) };
}

/** The steepest growth that is believed: recomputing all pairs for each token. */
const STEEPEST = 2;

/** The exponent between the first two positions; 0, constant, if there is only one. */
function startingGrowth([first, second]: readonly TimedRow[]): number {
  if (first === undefined || second === undefined) return 0;
  const growth = Math.log(second.median_s / first.median_s) / Math.log(second.length / first.length);
  return Math.min(STEEPEST, Math.max(0, growth));
}

/**
 * How many times faster `series` generates the given number of tokens than `other`; null if either is not
 * known, or was measured at one position only, which says nothing about how its time grows up to there.
 */
export function generationRatio(series: Series, other: Series | null, tokens: number): SpeedUp | null {
  if ([series, other].some((one) => (one?.rows.filter(isTimed).length ?? 0) < 2)) return null;
  const within = other === null ? null : blocksOf(series, other, tokens);
  if (within !== null) return blockRatio(within.theirs, within.ours);
  const ours = generationOf(series, tokens);
  const theirs = other === null ? null : generationOf(other, tokens);
  const ratio = quotient(theirs?.seconds ?? null, ours?.seconds ?? null);
  if (ours === null || theirs === null || ratio === null) return null;
  return { ratio, low: quotient(theirs.low, ours.high), high: quotient(theirs.high, ours.low) };
}

/** The times of both within each shard that measured all of their positions; null if their results were not merged. */
function blocksOf(series: Series, other: Series, tokens: number) {
  const rows = [...series.rows, ...other.rows].filter(isTimed);
  const [first, ...others] = rows.map(({ shards }) => shards ?? null);
  if (first === null || others.includes(null)) return null;
  const shared = first.filter(({ block }) =>
    others.every((shards) => shards?.some((one) => one.block === block)),
  );
  const blocks = (one: Series) =>
    shared.flatMap(({ block }) => {
      const found = generationOf(inShard(one, block), tokens);
      return found === null ? [] : [{ block, median_s: found.seconds, low_s: found.low, high_s: found.high }];
    });
  return { ours: blocks(series), theirs: blocks(other) };
}

/** With the times of one shard alone. */
function inShard(series: Series, block: number): Series {
  return {
    ...series,
    rows: series.rows.flatMap((row) => {
      const found = row.shards?.find((one) => one.block === block);
      if (found === undefined) return [];
      const { median_s, low_s, high_s } = found;
      return [{ ...row, median_s, low_s, high_s }];
    }),
  };
}
