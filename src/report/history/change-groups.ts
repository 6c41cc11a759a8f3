import type { FoundChange } from "../../history/changes/check-changes.ts";

/** What changed with one commit, as far as is known. */
export interface ChangeGroup {
  /** The first commit of the new levels. */
  readonly first: string;
  readonly committed: string;
  /** The change came after `good`, and with `bad` at the latest. */
  readonly good: string;
  readonly bad: string;
  /** The greatest first. */
  readonly changes: readonly FoundChange[];
}

/**
 * Changes by their commits, in the order in which the first change of each stands. `order` are all commits, oldest
 * first.
 */
export function changeGroups(
  changes: readonly FoundChange[],
  order: readonly string[],
): readonly ChangeGroup[] {
  const position = new Map(order.map((commit, at) => [commit, at]));
  return [...Map.groupBy(changes, ({ change }) => change.first)].map(([first, own]) => {
    const sorted = own.toSorted((a, b) => sizeOf(b) - sizeOf(a));
    const ranges = sorted.map(rangeOf);
    const at = (commit: string) => position.get(commit) ?? -1;
    // Each cell's range has the commit, so that what all ranges share does.
    const good = ranges.map((one) => one.good).reduce((a, b) => (at(b) > at(a) ? b : a));
    const bad = ranges.map((one) => one.bad).reduce((a, b) => (at(b) < at(a) ? b : a));
    const { series, change } = sorted[0];
    return { first, committed: series.points[change.index].committed, good, bad, changes: sorted };
  });
}

/** The last commit that lacks a change for sure, and the first that has it, of which one is to be found between. */
export function rangeOf({ series: { points }, change: { between } }: FoundChange): {
  readonly good: string;
  readonly bad: string;
} {
  return { good: points[between[0] - 1].commit, bad: points[between[1]].commit };
}

function sizeOf({ change }: FoundChange): number {
  return Math.abs(Math.log(change.ratio));
}
