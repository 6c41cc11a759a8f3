import { printable } from "../core/errors.ts";
import { formatRatio } from "../core/format.ts";
import type { ComparedCell, Comparison, TimeRatio, Verdict } from "./comparison.ts";
import { type Failure, failuresIn } from "./fail-on.ts";

/** What a headline is made of. */
export type Judged = Pick<Comparison, "outcome" | "cells" | "work" | "oneSided" | "geometricMean">;

const VERDICTS = ["slower", "faster", "same", "unresolved"] as const satisfies readonly Verdict[];

/** How a comparison came out, in one sentence: whether it passes, how many cells of each verdict, and how far all moved. */
export function headlineOf(comparison: Judged): string {
  const { outcome, cells, oneSided, geometricMean } = comparison;
  const counts = VERDICTS.flatMap((verdict) => {
    const count = cells.filter((one) => one.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  const changed = new Set(comparison.work.filter(({ accepted }) => !accepted).map((one) => one.case)).size;
  const broken = oneSided.filter((one) => one.broken).length;
  const lost = oneSided.filter((one) => one.side === "base").length - broken;
  const parts = [
    cells.length === 0 ? "no cell was measured on both sides" : `${countText(cells.length)}: ${counts.join(", ")}`,
    ...(broken > 0 ? [`${broken} broken`] : []),
    ...(lost > 0 ? [`${lost} missing`] : []),
    ...(changed > 0 ? [`work changed in ${changed}`] : []),
    ...(geometricMean === null || cells.length === 1 ? [] : [`geometric mean ${meanText(geometricMean)}`]),
  ];
  const prefix = outcome === "fine" ? "" : `${outcome}: `;
  return `${prefix}${parts.join("; ")}`;
}

/** `1.02× (1.01× to 1.03×)`; `~` before the interval where it leaves room for no change. */
export function meanText({ ratio, low, high }: TimeRatio): string {
  if (low === null || high === null) return "~ (no interval)";
  const moved = low > 1 || high < 1;
  return `${moved ? formatRatio(ratio, 3) : "~"} (${formatRatio(low, 3)} to ${formatRatio(high, 3)})`;
}

/** What led to the outcome, a sentence each. */
export function reasonsOf(
  { outcome, cells, work, oneSided }: Judged,
  failOn: ReadonlySet<Failure>,
): readonly string[] {
  const found = failuresIn({ cells, work, oneSided }, failOn);
  const sentences = [...found].map(([failure, names]) => {
    return `${countText(names.length)} ${saying[failure]}: ${namesText(failure === "slower" ? worstFirst(names, cells) : names)}`;
  });
  if (outcome !== "inconclusive") return sentences;
  return ["no cell could be told slower, faster or the same: measure more rounds, or on a quieter machine"];
}

function countText(count: number): string {
  return count === 1 ? "1 cell" : `${count} cells`;
}

const saying = {
  slower: "became slower or wrong",
  work: "changed in work that was not accepted",
  missing: "that base measured stand in no time of head",
} as const satisfies Record<Failure, string>;

function worstFirst(names: readonly string[], cells: readonly ComparedCell[]): readonly string[] {
  const ratios = new Map(cells.map((cell) => [cell.case, cell.time.ratio]));
  // One that became wrong has no ratio, and comes first.
  const weight = (name: string): number => ratios.get(name) ?? Number.MAX_VALUE;
  return names.toSorted((a, b) => weight(b) - weight(a)).map((name) => withRatio(name, ratios.get(name)));
}

function withRatio(name: string, ratio: number | undefined): string {
  return `${printable(name, 80)}${ratio === undefined ? "" : ` ${formatRatio(ratio, 3)}`}`;
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map((name) => printable(name, 100));
  return names.length > MOST_NAMED
    ? `${shown.join(", ")}, ${names.length - MOST_NAMED} more`
    : shown.join(", ");
}

const MOST_NAMED = 4;
