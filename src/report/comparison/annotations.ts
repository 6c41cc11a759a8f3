import type { Comparison } from "../../compare/comparison.ts";
import { shortName } from "../../text/labels.ts";
import { caseNames, type NamedCell, namedCells } from "./cell-names.ts";
import { cellChange, detectableText, intervalText, meanText } from "./change-text.ts";
import { exact, workChange } from "./side-tables.ts";
import { byWeight, isBroken, isUnaccepted, verdictCounts, verdictWord } from "./verdicts.ts";

/** GitHub shows ten per step. */
const MOST = 10;

interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
}

/**
 * Workflow commands of GitHub Actions, one line each, to be printed as they are: the outcome, and the worst
 * nine of what led to it. An error appears only if the outcome is a regression.
 */
export function annotations(comparison: Comparison): string {
  const { kind, outcome, headline } = comparison;
  const worst = findings(comparison);
  const shown = worst.slice(0, MOST - 1);
  const more = worst.length > shown.length ? `, the worst ${shown.length} of ${worst.length} shown` : "";
  const first: Annotation = {
    level: outcome === "regressed" ? "error" : outcome === "inconclusive" ? "warning" : "notice",
    title: `attnbench ${kind}: ${outcome}`,
    message: `${shortName(headline, 500)} (${verdictCounts(comparison)}${more})`,
  };
  return [first, ...shown].map(command).join("\n");
}

/** What is worth a line of its own, the worst first. */
function findings(comparison: Comparison): readonly Annotation[] {
  const { kind, outcome, oneSided, work } = comparison;
  const bad = outcome === "regressed" ? "error" : "warning";
  const nameOf = caseNames(comparison);
  const cells = byWeight(namedCells(comparison.cells));
  const having = (verdict: NamedCell["cell"]["verdict"]) =>
    cells.filter(({ cell }) => cell.verdict === verdict);
  const timed = (found: NamedCell, level: Annotation["level"]): Annotation => ({
    level,
    title: `${verdictWord(kind, found.cell.verdict)}: ${found.name}`,
    message: timeText(found),
  });
  return [
    ...having("slower").map((found) => timed(found, bad)),
    ...oneSided.filter(isBroken).map(
      (one): Annotation => ({
        level: bad,
        title: `broken: ${nameOf(one.case)}`,
        message: shortName(one.reason, 500),
      }),
    ),
    ...work
      .filter((change) => !change.accepted)
      .map(
        (change): Annotation => ({
          level: isUnaccepted(comparison, change) ? bad : "warning",
          title: `work changed: ${nameOf(change.case)}`,
          message: `${shortName(change.quantity, 60)}: ${exact(change.base)} → ${exact(change.head)} (${workChange(change)})`,
        }),
      ),
    // Of interest only if they are why the result is inconclusive.
    ...(outcome === "inconclusive" ? having("unresolved").map((found) => timed(found, "warning")) : []),
    ...having("faster").map((found) => timed(found, "notice")),
  ];
}

/** `+5.2 % (+3.9 … +6.6 %), could see ≥ 4 %`. */
function timeText({ cell }: NamedCell): string {
  const note = cell.note === null ? "" : `; ${shortName(cell.note, 300)}`;
  return `time ${cellChange(cell)} (${intervalText(cell.time)}), could see ${detectableText(cell.detectable)}${meanText(cell)}${note}`;
}

function command({ level, title, message }: Annotation): string {
  return `::${level} title=${escapedProperty(title)}::${escapedData(message)}`;
}

function escapedData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
