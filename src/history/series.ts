import { median } from "../stats/median.ts";
import type { CommitOrder } from "./commit-order.ts";
import type { HistoryEntry, Series } from "./entry.ts";

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
  const series = new Map<string, Mutable>();
  for (const commit of order.commits) {
    const found = ofCommit.get(commit) ?? [];
    for (const [machine, own] of Map.groupBy(found, (entry) => entry.machine)) {
      addPoints(series, machine, own);
    }
  }
  const when = ({ machine }: Series) => firstMeasured.get(machine) ?? "";
  return [...series.values()].sort(
    (a, b) => compared(a.cell, b.cell) || compared(when(a), when(b)) || compared(a.machine, b.machine),
  );
}

type Mutable = Series & { readonly points: Series["points"][number][] };

/** The points of one commit on one machine. */
function addPoints(series: Map<string, Mutable>, machine: string, entries: readonly HistoryEntry[]): void {
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
  const { commit } = entries[0];
  const [committed] = entries.map((one) => one.committed).sort();
  for (const cell of new Set([...clean.keys(), ...dirty.keys()])) {
    const point = { commit, committed, median_s: median(clean.get(cell) ?? dirty.get(cell) ?? []) };
    const key = JSON.stringify([cell, machine]);
    const known = series.get(key);
    if (known === undefined) series.set(key, { cell, machine, points: [point] });
    else known.points.push(point);
  }
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
