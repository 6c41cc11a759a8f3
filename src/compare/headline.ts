import { printable } from "../core/errors.ts";
import { countText } from "../text/count-text.ts";
import type { ComparedCell, Comparison, Verdict } from "./comparison.ts";
import { type Failure, failuresIn } from "./fail-on.ts";

/** What a headline is made of. */
export type Judged = Pick<Comparison, "outcome" | "cells" | "work" | "oneSided">;

/** The result of a comparison in one sentence: what changed, and how much is unknown. */
export function headlineOf({ outcome, cells, work, oneSided }: Judged): string {
  const having = (verdict: Verdict): number => cells.filter((cell) => cell.verdict === verdict).length;
  const changed = new Set(work.filter(({ accepted }) => !accepted).map((one) => one.case)).size;
  const broken = oneSided.filter((one) => one.broken).length;
  const missing = oneSided.filter((one) => one.side === "base" && !one.broken).length;
  const parts = [
    timesText(cells.length, having),
    ...(broken > 0 ? [`${broken} broken`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(changed > 0 ? [`work changed in ${changed}`] : []),
  ];
  return `${outcome === "fine" ? "" : `${outcome}: `}${parts.join("; ")}`;
}

function timesText(all: number, having: (verdict: Verdict) => number): string {
  if (all === 0) return "no cell was measured on both sides";
  const cells = countText(all, "cell");
  const [slower, faster, unresolved] = (["slower", "faster", "unresolved"] as const).map(having);
  const ofMedian = having("same-median");
  if (unresolved === all) return `whether any of ${cells} changed could not be determined`;
  const rest = [
    ...(unresolved > 0 ? [`, ${unresolved} unresolved`] : []),
    ...(ofMedian > 0 ? [`, ${ofMedian} judged by the median alone`] : []),
  ].join("");
  const changes = [...(slower > 0 ? [`${slower} slower`] : []), ...(faster > 0 ? [`${faster} faster`] : [])];
  return changes.length === 0
    ? `no change seen in ${cells}${rest}`
    : `${changes.join(", ")}${rest}, of ${cells}`;
}

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
