import { median } from "../../stats/median.ts";
import type { Accepted } from "../accepted.ts";
import type { ChangePoint, Series } from "../entry.ts";
import { meansCell } from "./cells-named.ts";
import type { JudgedSeries } from "./find-changes.ts";
import { type MovedTogether, movedTogether } from "./moved-together.ts";
import { pointsNeeded } from "./points-needed.ts";
import type { ChangeSettings } from "./settings.ts";

/** A change, and what became of it. */
export interface FoundChange {
  readonly series: Series;
  readonly change: ChangePoint;
  /** The last level over that before the change. */
  readonly now: number;
  /** That it is known and wanted; null if it is not. */
  readonly accepted: Accepted | null;
}

/** A series in which nothing could have been found. */
export interface ShortSeries {
  readonly series: Series;
  /** Of its points, those in the window. */
  readonly inWindow: number;
}

export interface HistoryCheck {
  /** `regressed` by any slow-down, `inconclusive` if no series could be judged, `fine` otherwise. */
  readonly outcome: "regressed" | "inconclusive" | "fine";
  /** In the window, still there at the end, and not accepted: newest first, and of one commit the greatest first. */
  readonly slowDowns: readonly FoundChange[];
  /** Slow-downs in the window that were accepted, or of which the last level shows nothing any more. */
  readonly accepted: readonly FoundChange[];
  readonly recovered: readonly FoundChange[];
  /** In the window. */
  readonly speedUps: readonly FoundChange[];
  /** Machines of which nearly all cells changed alike, by what is not accepted: a remark, whatever the outcome is. */
  readonly together: readonly MovedTogether[];
  /** How many series with points in the window could be judged. */
  readonly judged: number;
  readonly short: readonly ShortSeries[];
  /** The points that a series needs in all, and of those in the window. */
  readonly needed: { readonly points: number; readonly inWindow: number };
  /** The commits of the window: the first of them, and how many. */
  readonly window: { readonly from: string | null; readonly commits: number };
}

/**
 * Whether anything slowed down among the commits from `start` on, an index of `order`, and still is slow. Series that
 * have no point there are not asked.
 */
export function checkChanges(
  all: readonly JudgedSeries[],
  order: readonly string[],
  start: number,
  accepted: readonly Accepted[],
  settings: ChangeSettings,
): HistoryCheck {
  const { least, threshold } = settings;
  const window = new Set(order.slice(start));
  const asked = all.flatMap((one) => {
    const inWindow = one.series.points.filter(({ commit }) => window.has(commit)).length;
    return inWindow === 0 ? [] : [{ ...one, inWindow }];
  });
  const points = pointsNeeded(all.filter(({ series }) => series.points.length >= 2 * least).length, settings);
  const short = asked.filter(({ series, inWindow }) => series.points.length < points || inWindow < least);
  const found = asked
    .flatMap((one) => changesOf(one, accepted))
    .filter(({ change }) => window.has(change.first))
    .sort((a, b) => newestThenMost(order, a, b));
  const slower = found.filter(({ change }) => change.ratio > 1);
  const open = slower.filter((one) => one.accepted === null);
  const isThere = ({ now }: FoundChange) => now >= 1 + threshold;
  const slowDowns = open.filter(isThere);
  const judged = asked.length - short.length;
  const unjudged = new Set(short.map(({ series }) => series));
  const judgedOf = Map.groupBy(
    asked.filter(({ series }) => !unjudged.has(series)),
    ({ series }) => series.machine,
  );
  return {
    outcome: slowDowns.length > 0 ? "regressed" : judged === 0 ? "inconclusive" : "fine",
    slowDowns,
    accepted: slower.filter((one) => one.accepted !== null),
    recovered: open.filter((one) => !isThere(one)),
    speedUps: found.filter(({ change }) => change.ratio < 1),
    together: movedTogether(
      found.filter((one) => one.accepted === null && !unjudged.has(one.series)),
      new Map([...judgedOf].map(([machine, own]) => [machine, own.length])),
      order,
      least,
    ),
    judged,
    short: short.map(({ series, inWindow }) => ({ series, inWindow })),
    needed: { points, inWindow: least },
    window: { from: order[start] ?? null, commits: window.size },
  };
}

/** The changes of a series, oldest first. */
export function changesOf(
  { series, changes }: JudgedSeries,
  accepted: readonly Accepted[],
): readonly FoundChange[] {
  const { points } = series;
  const level = (from: number, to: number) => median(points.slice(from, to).map(({ median_s }) => median_s));
  const last = level(changes.at(-1)?.index ?? 0, points.length);
  return changes.map((change, index) => ({
    series,
    change,
    now: last / level(changes[index - 1]?.index ?? 0, change.index),
    accepted: acceptanceOf(series, change, accepted),
  }));
}

/** The last acceptance of a commit that the change may have come with, of its cell: a reason may be corrected. */
function acceptanceOf(
  { cell, points }: Series,
  { between: [from, to] }: ChangePoint,
  accepted: readonly Accepted[],
): Accepted | null {
  const commits = new Set(points.slice(from, to + 1).map(({ commit }) => commit));
  const fits = ({ commit, cells }: Accepted) =>
    commits.has(commit) && (cells === undefined || meansCell(cells, cell));
  return accepted.findLast(fits) ?? null;
}

function newestThenMost(order: readonly string[], a: FoundChange, b: FoundChange): number {
  const at = ({ change }: FoundChange) => order.indexOf(change.first);
  const size = ({ change }: FoundChange) => Math.abs(Math.log(change.ratio));
  return at(b) - at(a) || size(b) - size(a);
}
