import type { Entry } from "./entry.ts";

// Runs in the page as well: imports types only.

/** Every length at which some entry was measured, rising. */
export function measuredLengths(entries: readonly Entry[]): readonly number[] {
  return [...countsByLength(entries).keys()].sort((a, b) => a - b);
}

/**
 * The longest length at which more than half of the entries were measured, or as many as at any other: where a ranking
 * begins; null if none was.
 */
export function usualLength(entries: readonly Entry[]): number | null {
  const counts = countsByLength(entries);
  const most = Math.max(0, ...counts.values());
  const enough = Math.min(most, Math.floor(entries.length / 2) + 1);
  return measuredLengths(entries).findLast((length) => (counts.get(length) ?? 0) >= enough) ?? null;
}

/** Steps of a slider from the shortest to the longest length. */
export const SLIDER_STEPS = 1000;

/** The step of the slider, which is logarithmic, next to a length. */
export function stepAt(length: number, lengths: readonly number[]): number {
  const [first, last] = [lengths[0], lengths[lengths.length - 1]];
  return Math.round((SLIDER_STEPS * Math.log(length / first)) / Math.log(last / first));
}

function countsByLength(entries: readonly Entry[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { length } of entries.flatMap(({ points }) => points)) {
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  return counts;
}
