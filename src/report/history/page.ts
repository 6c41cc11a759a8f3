import type { FoundChange } from "../../history/changes/check-changes.ts";
import { countText } from "../../text/count-text.ts";
import { formatPercent, formatSeconds } from "../../text/format.ts";
import { Html, html } from "../../text/html.ts";
import { pageDocument } from "../page/document.ts";
import { historyAnswer } from "./answer.ts";
import { bisectCommand } from "./bisect-command.ts";
import { type ChangeGroup, changeGroups, rangeOf } from "./change-groups.ts";
import { directionOf, nowText, sizeText } from "./change-words.ts";
import { commitLink } from "./commit-link.ts";
import { sparkline } from "./sparkline.ts";
import { historyStyle } from "./style.ts";
import { byLastChange, type HistoryView, type ViewedMachine, type ViewedSeries } from "./view.ts";

/**
 * A history as one HTML page that needs nothing else and no script: which commits changed what, newest first, and a
 * table a machine with a picture of each cell. Its policy allows no request. Every string of the history is data in it.
 */
export function historyPageText(view: HistoryView): string {
  const title = "attnbench history";
  const changes = view.series.flatMap((one) => one.changes);
  return pageDocument({
    title,
    style: historyStyle(),
    content: html`<section aria-labelledby="commits-title">
<p class="about">${aboutParts(view).map((part) => html`<span>${part}</span> `)}</p>
<p class="answer">${historyAnswer(view)}</p>
<h2 id="commits-title">Commits that changed something</h2>
${groups(view, changes)}</section>
${view.machines.toReversed().map((machine) => machineSection(view, machine))}
<section aria-labelledby="method-title"><h2 id="method-title">How changes are told from noise</h2>
<p class="note">${methodText(view)}</p></section>`,
  });
}

function aboutParts({ commits, series, machines }: HistoryView): readonly string[] {
  const cells = new Set(series.map((one) => one.series.cell)).size;
  const dates = series.flatMap((one) => one.series.points.map(({ committed }) => committed.slice(0, 10)));
  const [first, last] = [dates.reduce(least, "9"), dates.reduce(most, "")];
  return [
    countText(commits.length, "commit"),
    ...(dates.length === 0 ? [] : [`${first} to ${last}`]),
    countText(cells, "cell"),
    countText(machines.length, "machine"),
  ];
}

function least(a: string, b: string): string {
  return b < a ? b : a;
}

function most(a: string, b: string): string {
  return b > a ? b : a;
}

export function methodText({ threshold, falseAlarms, least: points }: HistoryView): string {
  return `A change is one of a cell’s level, the median of at least ${points} commits, by ${formatPercent(threshold)} or more, found by E-divisive with a permutation test. Where nothing changes, the probability that anything is called a change, over all cells and machines together, is at most ${formatPercent(falseAlarms)}, as long as noise is as it is assumed: see docs/history.md. Machines are never compared with one another.`;
}

/** Commits whose changes are shown at once. */
const MOST_OPEN = 12;

function groups(view: HistoryView, changes: readonly FoundChange[]): Html {
  if (changes.length === 0) return html`<p>None is known to have.</p>\n`;
  const position = new Map(view.commits.map((commit, at) => [commit, at]));
  const at = ({ first }: ChangeGroup) => position.get(first) ?? -1;
  const all = changeGroups(changes, view.commits).toSorted((a, b) => at(b) - at(a));
  const list = (some: readonly ChangeGroup[]) =>
    html`<ul class="groups">${some.map((group) => groupItem(view, group))}</ul>\n`;
  const older = all.slice(MOST_OPEN);
  return html`${list(all.slice(0, MOST_OPEN))}${
    older.length === 0
      ? ""
      : html`<details class="still"><summary>${countText(older.length, "earlier commit")}</summary>\n${list(older)}</details>\n`
  }`;
}

/** Cells of one commit that are named at once. */
const MOST_NAMED = 5;

function groupItem(view: HistoryView, { first, committed, good, bad, changes }: ChangeGroup): Html {
  const known = changes.every(({ accepted }) => accepted !== null);
  const item = (one: FoundChange) =>
    html`<li${new Html(one.accepted === null ? "" : ' class="known"')}><span class="${directionOf(one)}">${sizeText(one)} ${directionOf(one)}</span>${nowText(one)}: ${one.series.cell}${view.machines.length > 1 ? html` <span class="where">on ${one.series.machine}</span>` : ""}</li>`;
  const more = changes.slice(MOST_NAMED);
  const why = [...new Set(changes.flatMap(({ accepted }) => (accepted === null ? [] : [accepted.why])))];
  return html`<li${new Html(known ? ' class="known"' : "")}><p>${commitLink(first, view.commitUrl)} of ${day(committed)}: ${countsText(changes)}${why.length === 0 ? "" : html` <span class="where">accepted: ${why.join("; ")}</span>`}</p>
<ul>${changes.slice(0, MOST_NAMED).map(item)}</ul>
${more.length === 0 ? "" : html`<details><summary>${more.length} more</summary><ul>${more.map(item)}</ul></details>\n`}<p class="where">${rangeText(good, bad, first, view.commitUrl)}${known || changes.every(({ change }) => change.ratio < 1) ? "" : html`: <code>${bisectCommand({ good, bad, changes })}</code>`}</p></li>
`;
}

/** The commits that a change may have come with. */
function rangeText(good: string, bad: string, first: string, address: string | null): Html {
  const after = html`after ${commitLink(good, address)}`;
  return bad === first ? after : html`${after}, with ${commitLink(bad, address)} at the latest`;
}

function day(moment: string): Html {
  return html`<span class="date">${moment.slice(0, 10)}</span>`;
}

/** `12 cells slower, 1 cell faster`. */
export function countsText(changes: readonly FoundChange[]): string {
  const counts = (["slower", "faster"] as const).flatMap((direction) => {
    const count = changes.filter((one) => directionOf(one) === direction).length;
    return count === 0 ? [] : [`${countText(count, "cell")} ${direction}`];
  });
  return counts.join(", ");
}

function machineSection(view: HistoryView, machine: ViewedMachine): Html {
  const own = byLastChange(
    view.series.filter(({ series }) => series.machine === machine.name),
    view.commits,
  );
  const changed = own.filter(({ changes }) => changes.length > 0);
  const still = own.slice(changed.length);
  const id = `machine-${machine.name}`;
  return html`<section aria-labelledby="${id}"><h2 id="${id}" class="machine">${machine.about}</h2>
<p class="about"><span>${machine.name}</span> <span>${own.length} series</span> <span>${changed.length} changed</span></p>
${legend()}${changed.length === 0 ? "" : table(view, machine, changed)}${
  still.length === 0
    ? ""
    : html`<details class="still"${new Html(changed.length === 0 ? " open" : "")}><summary>${still.length} without a change</summary>
${table(view, machine, still)}</details>
`
}</section>
`;
}

function legend(): Html {
  const mark = (kind: string, shape: string) =>
    html`<svg class="spark" viewBox="0 0 10 9" aria-hidden="true"><path class="mark ${kind}" d="${new Html(shape)}"/></svg>`;
  return html`<p class="legend"><span>${mark("slow", "M1 8h8l-4-7z")} slower</span> <span>${mark("fast", "M1 1h8l-4 7z")} faster</span> <span>${mark("known", "M1 8h8l-4-7z")} accepted</span> <span>grey: measured; blue: levels, each picture on a scale of its own</span></p>
`;
}

function table(view: HistoryView, { about }: ViewedMachine, rows: readonly ViewedSeries[]): Html {
  const position = new Map(view.commits.map((commit, at) => [commit, at]));
  return html`<table class="cells" role="table" aria-label="cells on ${about}"><thead role="rowgroup"><tr role="row"><th role="columnheader">cell</th><th role="columnheader">commits</th><th role="columnheader">now</th><th role="columnheader">changes, newest first</th></tr></thead>
<tbody role="rowgroup">${rows.map((row) => tableRow(view, row, position))}</tbody></table>
`;
}

function tableRow(view: HistoryView, row: ViewedSeries, position: ReadonlyMap<string, number>): Html {
  const { series, changes } = row;
  const last = series.points[series.points.length - 1];
  return html`<tr role="row"><th scope="row" role="rowheader">${series.cell}</th><td class="picture" role="cell">${sparkline(row, position)}<span class="where">${series.points.length} commits</span></td><td class="time" role="cell">${formatSeconds(last.median_s)}</td><td role="cell">${changeList(view, changes)}</td></tr>
`;
}

/** Changes of one cell that are shown at once. */
const MOST_SHOWN = 3;

function changeList(view: HistoryView, changes: readonly FoundChange[]): Html {
  if (changes.length === 0) return html`<span class="where">none</span>`;
  const newest = changes.toReversed();
  const list = (some: readonly FoundChange[]) =>
    html`<ul class="changes">${some.map((one) => changeItem(view, one))}</ul>`;
  const older = newest.slice(MOST_SHOWN);
  return html`${list(newest.slice(0, MOST_SHOWN))}${older.length === 0 ? "" : html`<details><summary>${older.length} earlier</summary>${list(older)}</details>`}`;
}

function changeItem(view: HistoryView, one: FoundChange): Html {
  const { good, bad } = rangeOf(one);
  const { commit, committed } = one.series.points[one.change.index];
  const range = rangeText(good, bad, commit, view.commitUrl);
  return html`<li${new Html(one.accepted === null ? "" : ' class="known"')}><span class="${directionOf(one)}">${sizeText(one)} ${directionOf(one)}</span> since ${commitLink(commit, view.commitUrl)} of ${day(committed)} <span class="where">${range}${one.accepted === null ? "" : `; accepted: ${one.accepted.why}`}</span></li>`;
}
