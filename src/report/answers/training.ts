import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import type { MediansByCase } from "../../stats/round-medians.ts";
import { named } from "../../text/cut-text.ts";
import { formatLength, formatRatio } from "../../text/format.ts";
import { baselineOf, lengthsOf } from "../series.ts";
import { bothPassesOf, splitAt } from "../training.ts";
import { bothCrossingsOf, firstOf } from "../training-crossings.ts";

/**
 * How many times a forward pass alone the backward pass takes, at the longest length measured in both ways, with the
 * least and the most, and the baseline if it is neither; null if none was.
 */
export function backwardOverForward(rows: readonly CaseRow[]): string | null {
  const all = bothPassesOf(rows);
  const length = lengthsOf(all.map(({ training }) => training)).findLast((at) =>
    all.some((one) => splitAt(one, at) !== null),
  );
  if (length === undefined) return null;
  const found = all
    .flatMap((one) => {
      const split = splitAt(one, length);
      return split === null ? [] : [{ series: one.training, ratio: split.ratio }];
    })
    .sort((a, b) => a.ratio - b.ratio);
  const told = ({ series, ratio }: (typeof found)[number]) => `${formatRatio(ratio)} (${series.label})`;
  const [least, most] = [found[0], found[found.length - 1]];
  const range = found.length === 1 ? told(least) : `${told(least)} to ${told(most)}`;
  const baseline = found.find((one) => isBaseline(one.series));
  const beside =
    baseline === undefined || baseline === least || baseline === most
      ? ""
      : `; ${baselineOf(rows)} ${formatRatio(baseline.ratio)}`;
  return `At ${formatLength(length)} the backward pass takes ${range} as long as the forward pass${beside}.`;
}

/** How many variants pay earlier, later, or alike in training and in inference; null if none was compared in both. */
export function trainingPays(rows: readonly CaseRow[], times: MediansByCase): string | null {
  const compared = bothCrossingsOf(rows, times);
  if (compared.length === 0) return null;
  const which = (first: ReturnType<typeof firstOf>) =>
    compared.filter((one) => firstOf(one) === first).map(({ passes }) => passes.training.label);
  const [earlier, later, alike] = [which("training"), which("inference"), which("alike")];
  const parts = [
    ...(earlier.length > 0 ? [`from shorter sequences on: ${named(earlier, MOST_NAMES)}`] : []),
    ...(later.length > 0 ? [`from longer sequences on: ${named(later, MOST_NAMES)}`] : []),
    ...(alike.length > 0 ? [`not told apart: ${named(alike, MOST_NAMES)}`] : []),
  ];
  return `Faster than ${baselineOf(rows)} in training, compared with inference, ${parts.join("; ")}.`;
}

/** The most variants named for each: the table has all of them. */
const MOST_NAMES = 8;
