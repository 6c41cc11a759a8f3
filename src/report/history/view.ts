import type { FoundChange } from "../../history/changes/check-changes.ts";
import type { Series } from "../../history/entry.ts";

/** What a page of a history shows. */
export interface HistoryView {
  /** In the order of their first measurement. */
  readonly machines: readonly ViewedMachine[];
  /** All measured commits, oldest first. */
  readonly commits: readonly string[];
  readonly series: readonly ViewedSeries[];
  /** How changes were told from noise. */
  readonly threshold: number;
  readonly falseAlarms: number;
  readonly least: number;
  /** Where a commit is shown, with `{commit}` in it; null for nowhere. */
  readonly commitUrl: string | null;
}

export interface ViewedMachine {
  readonly name: string;
  readonly about: string;
}

export interface ViewedSeries {
  readonly series: Series;
  /** Oldest first. */
  readonly changes: readonly FoundChange[];
}

/**
 * What changed last first, and of one commit what changed most; what did not change, by name. Accepted changes count
 * less than none of their commit that is not.
 */
export function byLastChange(
  all: readonly ViewedSeries[],
  commits: readonly string[],
): readonly ViewedSeries[] {
  const position = new Map(commits.map((commit, at) => [commit, at]));
  const key = ({ changes }: ViewedSeries): readonly [number, number] => {
    const last = changes.findLast(({ accepted }) => accepted === null) ?? changes.at(-1);
    if (last === undefined) return [-1, 0];
    const size = last.accepted === null ? Math.abs(Math.log(last.change.ratio)) : 0;
    return [position.get(last.change.first) ?? -1, size];
  };
  return all
    .map((one) => ({ one, key: key(one) }))
    .sort(
      (a, b) =>
        b.key[0] - a.key[0] || b.key[1] - a.key[1] || (a.one.series.cell < b.one.series.cell ? -1 : 1),
    )
    .map(({ one }) => one);
}
