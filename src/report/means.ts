import type { CaseRow } from "../record/case-row.ts";
import { isFullAttention } from "../record/schema/baseline.ts";
import { countText } from "../text/count-text.ts";
import { named } from "../text/cut-text.ts";
import type { Series } from "./series.ts";

/** How far the mean of v is from what some cases approximate. */
export interface MeanLine {
  readonly error: number;
  /** The least and the most that one line stands for. */
  readonly low: number;
  readonly high: number;
  /** `mean of v: 0.8`, or `0.77–0.84`, and for which series, if others approximate something else. */
  readonly text: string;
}

/** A case with its series. */
export interface PlacedCase {
  readonly series: Series;
  readonly row: CaseRow;
}

/** Errors of the mean of v within this factor of one another are one line. */
const ALIKE = 1.03;
/** Names beside a line before the rest is counted, and the characters that they may take. */
const MOST_NAMES = 3;
const MOST_CHARACTERS = 48;

/**
 * The errors of the mean of v in cases of one length: mostly one, that against full attention. What approximates
 * something else has its own. That of full attention comes first, or the most common one. Errors that a chart draws too `near`
 * to one another to tell them apart are one line.
 */
export function meanLines(
  cases: readonly PlacedCase[],
  near: (error: number, other: number) => boolean = () => false,
): readonly MeanLine[] {
  const known = cases.flatMap((one) => {
    const { mean_fidelity_error: error = null } = one.row;
    return error === null || !(error > 0) ? [] : [{ ...one, error }];
  });
  known.sort((a, b) => a.error - b.error);
  const groups: (typeof known)[] = [];
  for (const one of known) {
    const last = groups.at(-1);
    const joins =
      last !== undefined &&
      (one.error < ALIKE * last[0].error || near(one.error, last[last.length - 1].error));
    if (joins) last.push(one);
    else groups.push([one]);
  }
  const weight = (group: typeof known) =>
    group.some(({ series }) => isFullAttention(series)) ? known.length : 0;
  groups.sort((a, b) => weight(b) + b.length - weight(a) - a.length);
  return groups.map((group, index) => {
    const others = groups.filter((one) => one !== group).flat();
    const { error } = group.find(({ series }) => isFullAttention(series)) ?? group[0];
    const [low, high] = [group[0].error, group[group.length - 1].error];
    const told = high < ALIKE * low ? [error] : [low, high];
    const texts = new Set(told.map((one) => `${Number(one.toPrecision(2))}`));
    const whose = index === 0 ? "" : `, for ${namesOf(group, others)}`;
    return { error, low, high, text: `mean of v${whose}: ${[...texts].join("–")}` };
  });
}

/** The variants of a line, or its series if others of the same variants have another line; their number if they are long. */
function namesOf(group: readonly PlacedCase[], others: readonly PlacedCase[]): string {
  const elsewhere = new Set(others.map(({ series }) => series.variantLabel));
  const apart = group.every(({ series }) => !elsewhere.has(series.variantLabel));
  const names = new Set(group.map(({ series }) => (apart ? series.variantLabel : series.label)));
  const text = named([...names], MOST_NAMES);
  return text.length > MOST_CHARACTERS ? countOf(names.size, apart ? "variant" : "series") : text;
}

function countOf(count: number, noun: "variant" | "series"): string {
  return noun === "series" ? `${count} series` : countText(count, noun);
}
