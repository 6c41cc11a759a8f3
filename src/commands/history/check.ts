import { printable } from "../../core/errors.ts";
import type { FoundChange, HistoryCheck } from "../../history/changes/check-changes.ts";
import type { MovedTogether } from "../../history/changes/moved-together.ts";
import { type CheckOptions, checkHistory } from "../../library/history/check.ts";
import { bisectCommand } from "../../report/history/bisect-command.ts";
import { type ChangeGroup, changeGroups } from "../../report/history/change-groups.ts";
import { directionOf, nowText, shortHash, sizeText } from "../../report/history/change-words.ts";
import { changeJson } from "../../report/history/changes-json.ts";
import { countText } from "../../text/count-text.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";
import { historyNotes } from "./notes.ts";

export interface HistoryCheckOptions {
  readonly choices: CheckOptions;
  readonly json: boolean;
}

/** Reports in its exit code whether anything became slower lately, and says with which commit. */
export async function historyCheck({ choices, json }: HistoryCheckOptions, io: Io): Promise<ExitCode> {
  const { history, check } = checkHistory(choices);
  const { commits } = history.order;
  if (json) print(io, JSON.stringify(checkJson(check), null, 2));
  else print(io, ...checkLines(check, commits));
  const notes = historyNotes(history);
  if (notes.length > 0) note(io, ...notes);
  return EXIT[check.outcome];
}

function checkJson(check: HistoryCheck) {
  const { outcome, window, judged, needed, short } = check;
  return {
    outcome,
    window,
    judged,
    needed: { points: needed.points, in_window: needed.inWindow },
    slow_downs: check.slowDowns.map(changeJson),
    accepted: check.accepted.map(changeJson),
    recovered: check.recovered.map(changeJson),
    speed_ups: check.speedUps.map(changeJson),
    moved_together: check.together,
    not_judged: short.map(({ series: { cell, machine, points }, inWindow }) => {
      return { cell, machine, points: points.length, in_window: inWindow };
    }),
  };
}

function checkLines(check: HistoryCheck, commits: readonly string[]): readonly string[] {
  const { slowDowns, speedUps, recovered, accepted } = check;
  return [
    headline(check),
    ...check.together.map(togetherLine),
    ...changeGroups(slowDowns, commits).flatMap((group) => ["", ...groupLines(group)]),
    ...briefly("accepted", accepted, commits),
    ...briefly("slower for a while, and no longer", recovered, commits),
    ...briefly("faster", speedUps, commits),
    ...shortLines(check),
  ];
}

function headline({ outcome, slowDowns, judged, window }: HistoryCheck): string {
  const where = window.commits === 1 ? "the last commit" : `the last ${window.commits} commits`;
  switch (outcome) {
    case "regressed":
      return `REGRESSED: ${seriesText(slowDowns)} became slower in ${where}, and still ${cellsOf(slowDowns) === 1 ? "is" : "are"}`;
    case "inconclusive":
      return `INCONCLUSIVE: ${window.commits === 0 ? "no commit to judge" : "no series has enough commits to be judged"}`;
    case "fine":
      return judged === 1
        ? `FINE: one series was judged, and did not become slower in ${where}`
        : `FINE: none of ${judged} series became slower in ${where}`;
    default:
      return outcome satisfies never;
  }
}

function togetherLine({ machine, direction, commit, cells, judged }: MovedTogether): string {
  return `nearly all cells of machine ${machine} moved alike, ${cells} of ${judged} ${direction} at about ${shortHash(commit)}: suspect the machine, not the code`;
}

/** Cells that are listed of one commit. */
const MOST_LISTED = 10;

function groupLines({ first, committed, good, bad, changes }: ChangeGroup): readonly string[] {
  const listed = changes.slice(0, MOST_LISTED);
  const sizes = listed.map(sizeText);
  const width = Math.max(...sizes.map((one) => one.length));
  const more = changes.length - listed.length;
  return [
    `${shortHash(first)} of ${committed.slice(0, 10)} (after ${shortHash(good)}${bad === first ? "" : `, with ${shortHash(bad)} at the latest`})`,
    ...listed.map((one, at) => {
      const { cell, machine } = one.series;
      return `  ${sizes[at].padEnd(width)}  ${printable(cell, 300)} on ${machine}${nowText(one)}`;
    }),
    ...(more > 0 ? [`  and ${more} more`] : []),
    `  to find the commit: ${bisectCommand({ good, bad, changes })}`,
    `  if it is wanted:    attnbench history accept ${shortHash(first)} --why TEXT`,
  ];
}

/** One line a commit. */
function briefly(
  what: string,
  changes: readonly FoundChange[],
  commits: readonly string[],
): readonly string[] {
  if (changes.length === 0) return [];
  const lines = changeGroups(changes, commits).map(({ first, committed, changes: own }) => {
    const why = own[0].accepted === null ? "" : `: ${printable(own[0].accepted.why, 200)}`;
    return `  ${shortHash(first)} of ${committed.slice(0, 10)}: ${seriesText(own)} ${directionOf(own[0])}, ${own.length > 1 ? "the most by " : "by "}${sizeText(own[0])}${why}`;
  });
  return ["", `${what}:`, ...lines];
}

function shortLines({ short, needed }: HistoryCheck): readonly string[] {
  if (short.length === 0) return [];
  const most = Math.max(...short.map(({ series }) => series.points.length));
  const mostInWindow = Math.max(...short.map(({ inWindow }) => inWindow));
  const have = `${short.length === 1 ? "it has" : "they have at most"} ${most} and ${mostInWindow}`;
  return [
    "",
    `${short.length} series could not be judged: that needs ${needed.points} commits in all and ${needed.inWindow} in the window; ${have}`,
  ];
}

function seriesText(changes: readonly FoundChange[]): string {
  const machines = new Set(changes.map(({ series }) => series.machine)).size;
  return `${countText(cellsOf(changes), "cell")}${machines > 1 ? ` on ${machines} machines` : ""}`;
}

function cellsOf(changes: readonly FoundChange[]): number {
  return new Set(changes.map(({ series }) => series.cell)).size;
}
