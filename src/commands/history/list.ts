import { printable } from "../../core/errors.ts";
import type { Series } from "../../history/entry.ts";
import { type Machine, machineDifferences } from "../../history/machines.ts";
import { type HistoryOptions, type OrderedHistory, orderedHistory } from "../../library/history/read.ts";
import { countText } from "../../text/count-text.ts";
import { formatSeconds } from "../../text/format.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";
import { entries } from "./add.ts";
import { historyNotes } from "./notes.ts";

export interface HistoryListOptions {
  readonly choices: HistoryOptions;
  readonly json: boolean;
}

/** Lists what a history holds: its machines, and its series with their first and last commits. */
export async function historyList({ choices, json }: HistoryListOptions, io: Io): Promise<ExitCode> {
  const history = orderedHistory(choices);
  if (json) print(io, JSON.stringify(listed(history), null, 2));
  else print(io, listLines(history).join("\n"));
  const notes = historyNotes(history);
  if (notes.length > 0) note(io, ...notes);
  return EXIT.fine;
}

/** A series as JSON tells it. */
function listed({ series, machines, order }: OrderedHistory) {
  return {
    commits: order.commits.length,
    unknown: order.unknown,
    elsewhere: order.elsewhere,
    machines: machines.map(({ name, about, place }) => ({ name, about, place })),
    series: series.map(({ cell, machine, points }) => {
      const [first, last] = [points[0], points[points.length - 1]];
      return { cell, machine, points: points.length, first, last };
    }),
  };
}

function listLines(history: OrderedHistory): readonly string[] {
  const { entries: all, machines, series, order } = history;
  if (all.length === 0) return ["the history is empty; attnbench history add FILE adds to it"];
  const cells = new Set(all.flatMap((entry) => [...entry.cells.keys()])).size;
  const commits = new Set(all.map(({ commit }) => commit)).size;
  return [
    `${entries(all.length)} of ${countText(commits, "commit")} on ${countText(machines.length, "machine")}, ${countText(cells, "cell")}`,
    ...rangeLine(order.commits, history),
    ...machines.flatMap((machine, index) => [
      "",
      ...machineLines(machine, machines[index - 1], history),
      "",
      ...seriesLines(series.filter((one) => one.machine === machine.name)),
    ]),
  ];
}

function rangeLine(commits: readonly string[], { entries: all }: OrderedHistory): readonly string[] {
  const told = (commit: string) => {
    const date = all.find((one) => one.commit === commit)?.committed ?? "";
    return `${commit.slice(0, 12)} of ${date.slice(0, 10)}`;
  };
  if (commits.length === 0) return [];
  return [`from ${told(commits[0])} to ${told(commits[commits.length - 1])}`];
}

function machineLines(machine: Machine, before: Machine | undefined, { entries: all }: OrderedHistory) {
  const own = all.filter((entry) => entry.machine === machine.name);
  const days = own.map(({ measured }) => measured.slice(0, 10)).sort();
  const other = before === undefined ? [] : machineDifferences(machine, before);
  return [
    `${machine.name}: ${printable(machine.about, 120)}`,
    `  ${entries(own.length)}, measured from ${days[0]} to ${days[days.length - 1]}`,
    ...(before === undefined ? [] : [`  not ${before.name}: ${printable(other.join("; "), 300)}`]),
  ];
}

/** Names come last, since they are as long as they are. */
function seriesLines(series: readonly Series[]): readonly string[] {
  if (series.length === 0) return ["no series: none of its commits is in the order"];
  const rows = series.map(({ cell, points }) => {
    return [`${points.length}`, formatSeconds(points[points.length - 1].median_s), printable(cell, 300)];
  });
  const table = [["commits", "newest", "cell"], ...rows];
  const [counts, times] = [0, 1].map((at) => table.reduce((most, row) => Math.max(most, row[at].length), 0));
  return table.map(([count, time, cell]) => `${count.padStart(counts)}  ${time.padStart(times)}  ${cell}`);
}
