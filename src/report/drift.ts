import type { CaseRow } from "../record/case-row.ts";
import { isBaseline } from "../record/schema/baseline.ts";
import { median } from "../stats/median.ts";

/** Baseline cases of which one alone says little about a shard. */
const LEAST_CASES = 2;

/**
 * How many times as long the baseline took in the slowest shard as in the fastest: each shard at the median, over the cases
 * of the baseline that several shards measured, of its time over that of all shards. Null if no two shards have it in common,
 * or of one run.
 */
export function driftBetweenShards(rows: readonly CaseRow[]): number | null {
  const levels = new Map<number, number[]>();
  for (const row of rows.filter(isBaseline)) {
    const { shards = [] } = row;
    const timed = shards.filter(({ median_s }) => median_s > 0 && median_s < Number.POSITIVE_INFINITY);
    if (timed.length < 2) continue;
    const middle = median(timed.map(({ median_s }) => Math.log(median_s)));
    for (const { block, median_s } of timed) {
      const known = levels.get(block) ?? [];
      levels.set(block, known);
      known.push(Math.log(median_s) - middle);
    }
  }
  const told = [...levels.values()].filter((logs) => logs.length >= LEAST_CASES).map(median);
  if (told.length < 2) return null;
  const [least, most] = [told.reduce((a, b) => Math.min(a, b)), told.reduce((a, b) => Math.max(a, b))];
  return Math.exp(most - least);
}
