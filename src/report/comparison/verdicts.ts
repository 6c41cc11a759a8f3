import type {
  ComparedCell,
  Comparison,
  OneSided,
  TimeRatio,
  Verdict,
  WorkChange,
} from "../../compare/comparison.ts";
import { verdictsIn } from "../../text/change-counts.ts";

/** The verdicts in the order in which they are counted and listed: the most important first. */
export const VERDICTS = [
  "slower",
  "faster",
  "unresolved",
  "same-median",
  "same",
] as const satisfies readonly Verdict[];

const gateWords: Readonly<Record<Verdict, string>> = {
  slower: "REGRESSED",
  faster: "IMPROVED",
  unresolved: "UNRESOLVED",
  "same-median": "SAME MEDIAN",
  same: "SAME",
};

/** The word for a verdict: a gate judges, a comparison describes. */
export function verdictWord(kind: Comparison["kind"], verdict: Verdict): string {
  return kind === "gate" ? gateWords[verdict] : verdict.replace("-", " ");
}

/** `2 REGRESSED · 1 IMPROVED · 5 UNRESOLVED · 92 SAME`, without those that do not occur. */
export function verdictCounts({ kind, ...found }: Pick<Comparison, "kind" | "cells" | "unlisted">): string {
  const all = verdictsIn(found);
  const counts = VERDICTS.map((verdict) => ({
    word: verdictWord(kind, verdict),
    count: all.get(verdict) ?? 0,
  }));
  const seen = counts.filter(({ count }) => count > 0);
  if (seen.length === 0) return "no cell was measured on both sides";
  return seen.map(({ word, count }) => `${count} ${word}`).join(" · ");
}

/** Whether a verdict says that the time has changed. */
export function isDetected(verdict: Verdict): boolean {
  return verdict === "slower" || verdict === "faster";
}

/** Whether a verdict is based on the mean alone. */
export function isOfMean({ verdict, medianVerdict, mean }: ComparedCell): boolean {
  return mean !== null && isDetected(verdict) && medianVerdict !== verdict && mean.verdict === verdict;
}

/** The ratio that a verdict is based on: of the medians, or of the means if only they have changed. */
export function decisiveTime(cell: ComparedCell): TimeRatio {
  return cell.mean !== null && isOfMean(cell) ? cell.mean.time : cell.time;
}

/** Whether the head was tried and found wrong although the base was right. */
export function isBroken({ broken, side }: OneSided): boolean {
  return broken && side === "base";
}

/** Whether the comparison fails because of this change of work, rather than only listing it. */
export function isUnaccepted({ failsOn }: Pick<Comparison, "failsOn">, { accepted }: WorkChange): boolean {
  return failsOn.includes("work") && !accepted;
}

/** The weightiest first: the most slowed, the most sped up, the least known, the rest. */
export function byWeight<Item extends { readonly cell: ComparedCell }>(
  items: readonly Item[],
): readonly Item[] {
  return items.toSorted((a, b) => {
    const verdict = VERDICTS.indexOf(a.cell.verdict) - VERDICTS.indexOf(b.cell.verdict);
    return verdict !== 0 ? verdict : weight(b.cell) - weight(a.cell);
  });
}

/** Within a verdict. Cells that did not change keep their order. */
function weight(cell: ComparedCell): number {
  const { verdict, detectable } = cell;
  switch (verdict) {
    case "slower":
      return decisiveTime(cell).ratio;
    case "faster":
      return -decisiveTime(cell).ratio;
    case "unresolved":
      return detectable ?? Number.MAX_VALUE;
    case "same-median":
    case "same":
      return 0;
    default:
      return verdict satisfies never;
  }
}
