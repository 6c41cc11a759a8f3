import type { Entry } from "./entry.ts";

// Runs in the page as well: imports types only.

/** Every length at which some entry was measured, rising. */
export function measuredLengths(entries: readonly Entry[]): readonly number[] {
  return [...countsByLength(entries).keys()].sort((a, b) => a - b);
}

/** The longest of the lengths at which most entries were measured: where a ranking begins; null if none was. */
export function usualLength(entries: readonly Entry[]): number | null {
  const counts = countsByLength(entries);
  const most = Math.max(0, ...counts.values());
  return measuredLengths(entries).findLast((length) => counts.get(length) === most) ?? null;
}

function countsByLength(entries: readonly Entry[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { length } of entries.flatMap(({ points }) => points)) {
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  return counts;
}
