import type { Comparison } from "../../compare/comparison.ts";
import { median } from "../../stats/median.ts";
import { exactTexts, timesText } from "../../text/change-counts.ts";
import { namedCells } from "./cell-names.ts";
import { changeText, detectableText, intervalText } from "./change-text.ts";
import { decisiveTime, isDetected, isOfMean } from "./verdicts.ts";

/**
 * What a comparison found, in one or two short sentences: how many times changed, and the largest change with its
 * interval; then, if there are any, changes that have no noise in them.
 */
export function answerOf(comparison: Comparison): readonly string[] {
  const exact = exactTexts(comparison);
  return [
    sentence(`${timesText(comparison)}${largestText(comparison)}`),
    ...(exact.length === 0 ? [] : [sentence(`also ${exact.join(", ")}`)]),
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** `; most: local at 512, +20.0 % (+19.1 … +20.9 %)`; empty if nothing changed. */
function largestText({ cells }: Comparison): string {
  const size = (ratio: number) => Math.abs(Math.log(ratio));
  const [largest] = namedCells(cells)
    .filter(({ cell }) => isDetected(cell.verdict))
    .toSorted((a, b) => size(decisiveTime(b.cell).ratio) - size(decisiveTime(a.cell).ratio));
  if (largest === undefined) return "";
  const time = decisiveTime(largest.cell);
  const what = isOfMean(largest.cell) ? " in the mean" : "";
  const change = changeText(time.ratio).replace(/×$/, "× the time");
  return `; most: ${largest.name}, ${change}${what} (${intervalText(time)})`;
}

/** The slow-down that half of the cells would have shown, such as `4.1 %`; null if it is unknown. */
export function sightOf({ cells, unlisted }: Pick<Comparison, "cells" | "unlisted">): string | null {
  if (unlisted !== undefined)
    return unlisted.sight === null ? null : detectableText(unlisted.sight).replace("≥ ", "");
  const known = cells
    .flatMap(({ detectable }) => detectable ?? [])
    .filter((share) => share < Number.POSITIVE_INFINITY);
  return known.length === 0 ? null : detectableText(median(known)).replace("≥ ", "");
}
