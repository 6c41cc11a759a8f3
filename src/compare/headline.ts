import { printable } from "../core/errors.ts";
import { exactTexts, timesText } from "../text/change-counts.ts";
import { countText } from "../text/count-text.ts";
import type { ComparedCell, Comparison } from "./comparison.ts";
import { type Failure, failuresIn, unnamed } from "./fail-on.ts";

/** What a headline is made of. */
export type Judged = Pick<Comparison, "outcome" | "cells" | "work" | "oneSided" | "unlisted">;

/** The result of a comparison in one sentence: what changed, and how much is unknown. */
export function headlineOf(judged: Judged): string {
  const { outcome } = judged;
  return `${outcome === "fine" ? "" : `${outcome}: `}${[timesText(judged), ...exactTexts(judged)].join("; ")}`;
}

/** What led to the outcome, a sentence each. */
export function reasonsOf(
  { outcome, cells, work, oneSided, unlisted }: Judged,
  failOn: ReadonlySet<Failure>,
): readonly string[] {
  const found = failuresIn({ cells, work, oneSided, ...(unlisted && { unlisted }) }, failOn);
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
    // Broken cells that are not listed are told as slower ones alone.
    const more = unnamed(failure, unlisted) - (failure === "missing" ? (unlisted?.broken ?? 0) : 0);
    if (names.length + more === 0) return [];
    const listed = namesText(failure === "slower" ? worstFirst(names, cells) : names, more);
    return `${sayings[failure](countText(names.length + more, "cell"))}: ${listed}`;
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

/** The first of the names, and how many more there are, those without a name among them. */
function namesText(names: readonly string[], unnamed: number): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => printable(name, 80));
  const more = names.length + unnamed - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}
