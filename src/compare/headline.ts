import { printable } from "../core/errors.ts";
import { countText } from "../text/count-text.ts";
import type { ComparedCell, Comparison, Verdict } from "./comparison.ts";
import { type Failure, failuresIn } from "./fail-on.ts";

/** What a headline is made of. */
export type Judged = Pick<Comparison, "outcome" | "cells" | "work" | "oneSided">;

/** The result of a comparison in one sentence: what changed, and how much is unknown. */
export function headlineOf(judged: Judged): string {
  const { outcome } = judged;
  return `${outcome === "fine" ? "" : `${outcome}: `}${[timesText(judged), ...exactTexts(judged)].join("; ")}`;
}

/** What has no noise in it, if it changed: `2 broken`, `3 missing`, `work changed in 5`. */
export function exactTexts({ work, oneSided }: Pick<Judged, "work" | "oneSided">): readonly string[] {
  const changed = new Set(work.filter(({ accepted }) => !accepted).map((one) => one.case)).size;
  const broken = oneSided.filter((one) => one.broken).length;
  const missing = oneSided.filter((one) => one.side === "base" && !one.broken).length;
  return [
    ...(broken > 0 ? [`${broken} broken`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(changed > 0 ? [`work changed in ${changed}`] : []),
  ];
}

/** How many times changed: `2 of 35 cells slower, 5 faster, 24 unchanged, 4 unresolved`. */
export function timesText({ cells }: Pick<Judged, "cells">): string {
  if (cells.length === 0) return "no cell was measured on both sides";
  const all = countText(cells.length, "cell");
  const having = (verdict: Verdict): number => cells.filter((cell) => cell.verdict === verdict).length;
  if (having("unresolved") === cells.length) return `whether any of ${all} changed could not be determined`;
  const told = (verdicts: readonly Verdict[]) =>
    verdicts
      .map((verdict) => ({ count: having(verdict), word: words[verdict] }))
      .filter(({ count }) => count > 0);
  const [most, ...changes] = told(["slower", "faster"]);
  const rest = told(
    most === undefined ? ["unresolved", "same-median"] : ["same", "unresolved", "same-median"],
  );
  return [
    most === undefined ? `no change seen in ${all}` : `${most.count} of ${all} ${most.word}`,
    ...[...changes, ...rest].map(({ count, word }) => `${count} ${word}`),
  ].join(", ");
}

const words: Readonly<Record<Verdict, string>> = {
  slower: "slower",
  faster: "faster",
  unresolved: "unresolved",
  "same-median": "unchanged in the median",
  same: "unchanged",
};

/** What led to the outcome, a sentence each. */
export function reasonsOf(
  { outcome, cells, work, oneSided }: Judged,
  failOn: ReadonlySet<Failure>,
): readonly string[] {
  const found = failuresIn({ cells, work, oneSided }, failOn);
  if (outcome === "inconclusive") {
    return [
      "no cell could be shown to be slower, faster or the same: measure more rounds, or on a quieter machine",
    ];
  }
  const told = new Set<string>();
  return [...found].flatMap(([failure, all]) => {
    // A broken cell is also missing; it is reported once.
    const names = failure === "missing" ? all.filter((name) => !told.has(name)) : all;
    if (failure === "slower") for (const name of names) told.add(name);
    if (names.length === 0) return [];
    const listed = namesText(failure === "slower" ? worstFirst(names, cells) : names);
    return `${sayings[failure](countText(names.length, "cell"))}: ${listed}`;
  });
}

const sayings = {
  slower: (cells) => `${cells} slower or broken`,
  work: (cells) => `${cells} with changed work that was not accepted`,
  missing: (cells) => `${cells} measured in base and not in head`,
} as const satisfies Record<Failure, (cells: string) => string>;

function worstFirst(names: readonly string[], cells: readonly ComparedCell[]): readonly string[] {
  const ratios = new Map(
    cells.map(({ case: name, time, mean }) => [name, Math.max(time.ratio, mean?.time.ratio ?? 0)]),
  );
  // One that became wrong has no ratio, and comes first.
  const weight = (name: string): number => ratios.get(name) ?? Number.MAX_VALUE;
  return names.toSorted((a, b) => weight(b) - weight(a));
}

const MOST_NAMED = 4;

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => printable(name, 80));
  const more = names.length > MOST_NAMED ? `, ${names.length - MOST_NAMED} more` : "";
  return `${shown.join(", ")}${more}`;
}
