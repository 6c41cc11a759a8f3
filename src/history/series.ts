import { median } from "../stats/median.ts";
import type { CommitOrder } from "./commit-order.ts";
import type { HistoryEntry, Series, SeriesPoint } from "./entry.ts";

/**
 * The series of a history: one for each cell on each machine, by cell and then by the machine's first measurement, with a
 * point for each commit, in `order`. Commits that are not in the order are in no series.
 */
export function seriesOf(
  entries: readonly HistoryEntry[],
  order: Pick<CommitOrder, "commits">,
): readonly Series[] {
  const ofCommit = Map.groupBy(entries, ({ commit }) => commit);
  const firstMeasured = new Map<string, string>();
  for (const { machine, measured } of entries) {
    const first = firstMeasured.get(machine);
    if (first === undefined || measured < first) firstMeasured.set(machine, measured);
  }
  const points = new Map([...firstMeasured.keys()].map((machine) => [machine, new Map() as PointsOfCells]));
  for (const commit of order.commits) {
    const found = ofCommit.get(commit) ?? [];
    for (const [machine, own] of Map.groupBy(found, (entry) => entry.machine)) {
      addPoints(points.get(machine) as PointsOfCells, own);
    }
  }
  const series = [...points].flatMap(([machine, cells]) =>
    [...cells].map(([cell, own]) => ({ cell, machine, points: own })),
  );
  const when = ({ machine }: Series) => firstMeasured.get(machine) ?? "";
  return series.sort(
    (a, b) => compared(a.cell, b.cell) || compared(when(a), when(b)) || compared(a.machine, b.machine),
  );
}

type PointsOfCells = Map<string, SeriesPoint[]>;

/** Adds the points of one commit on one machine. */
function addPoints(points: PointsOfCells, entries: readonly HistoryEntry[]): void {
  const { commit } = entries[0];
  const [committed] = entries.map((one) => one.committed).sort();
  for (const [cell, times] of timesOf(entries)) {
    const point = { commit, committed, median_s: times.length === 1 ? times[0] : median(times) };
    const known = points.get(cell);
    if (known === undefined) points.set(cell, [point]);
    else known.push(point);
  }
}

/** The medians of each cell, of entries that are not dirty if any of them has it. */
function timesOf(entries: readonly HistoryEntry[]): ReadonlyMap<string, readonly number[]> {
  const clean = new Map<string, number[]>();
  const dirty = new Map<string, number[]>();
  for (const entry of entries) {
    const times = entry.dirty ? dirty : clean;
    for (const [cell, { median_s }] of entry.cells) {
      const list = times.get(cell);
      if (list === undefined) times.set(cell, [median_s]);
      else list.push(median_s);
    }
  }
  return new Map([...dirty, ...clean]);
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
