import type { ComparedCell, Comparison } from "../../compare/comparison.ts";
import { cellMeanChange, detectableText, intervalText, meanSightText } from "./change-text.ts";
import { headTime } from "./head-time.ts";
import { historyNames } from "./history-names.ts";
import { jsonText } from "./json-text.ts";
import { verdictWord } from "./verdicts.ts";

/** An entry of `customSmallerIsBetter` and of `customBiggerIsBetter`. */
interface Entry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range?: string;
  readonly extra: string;
}

/** For github-action-benchmark's tool `customSmallerIsBetter`: head's seconds per call. */
export function smallerIsBetterJson(comparison: Comparison): string {
  return entries(comparison, "s", (seconds) => seconds);
}

/** For github-action-benchmark's tool `customBiggerIsBetter`: head's calls per second. */
export function biggerIsBetterJson(comparison: Comparison): string {
  return entries(comparison, "calls/s", (seconds) => 1 / seconds);
}

/** The unit never changes with the size of a number: a history holds one line per name. */
function entries(comparison: Comparison, unit: string, of: (seconds: number) => number): string {
  const nameOf = historyNames(comparison);
  const list = comparison.cells.flatMap((cell): Entry[] => {
    const time = headTime(cell);
    if (time === null) return [];
    const value = rounded(of(time.seconds));
    const width = time.low === null || time.high === null ? null : Math.abs(of(time.high) - of(time.low)) / 2;
    return [
      {
        name: nameOf(cell.case),
        unit,
        value,
        ...(width === null ? {} : { range: `± ${rounded(width)}` }),
        extra: extra(cell, comparison),
      },
    ];
  });
  return jsonText(list);
}

/** What a point of the history says about itself. */
function extra(cell: ComparedCell, { kind }: Comparison): string {
  return [
    `${verdictWord(kind, cell.verdict)} against base`,
    `interval ${intervalText(cell.time)}`,
    `could see ${detectableText(cell.detectable)}`,
    ...(cell.mean === null ? [] : [`mean ${cellMeanChange(cell)}, could see ${meanSightText(cell)}`]),
  ].join("\n");
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
