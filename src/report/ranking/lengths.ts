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

function countsByLength(entries: readonly Entry[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { length } of entries.flatMap(({ points }) => points)) {
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  return counts;
}
