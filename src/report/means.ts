import type { CaseRow } from "../record/case-row.ts";
import { isBaseline } from "../record/schema/baseline.ts";
import { named } from "../text/cut-text.ts";
import type { Series } from "./series.ts";

/** How far the mean of v is from what some cases approximate. */
export interface MeanLine {
  readonly error: number;
  /** `mean of v: 0.8`, and for which series, if others approximate something else. */
  readonly text: string;
}

/** A case with its series. */
export interface PlacedCase {
  readonly series: Series;
  readonly row: CaseRow;
}

/** Errors of the mean of v within this factor of one another are one line. */
const ALIKE = 1.03;
/** Series named beside a line before the rest is counted. */
const MOST_NAMES = 3;

/**
 * The errors of the mean of v in cases of one length: mostly one, that against full attention. What approximates
 * something else has its own. That of the baseline comes first, or the most common one.
 */
export function meanLines(cases: readonly PlacedCase[]): readonly MeanLine[] {
  const known = cases.flatMap((one) => {
    const { mean_fidelity_error: error = null } = one.row;
    return error === null || !(error > 0) ? [] : [{ ...one, error }];
  });
  known.sort((a, b) => a.error - b.error);
  const groups: (typeof known)[] = [];
  for (const one of known) {
    const last = groups.at(-1);
    if (last !== undefined && one.error < ALIKE * last[0].error) last.push(one);
    else groups.push([one]);
  }
  const weight = (group: typeof known) => (group.some(({ series }) => isBaseline(series)) ? known.length : 0);
  groups.sort((a, b) => weight(b) + b.length - weight(a) - a.length);
  return groups.map((group, index) => {
    const names = named([...new Set(group.map(({ series }) => series.label))], MOST_NAMES);
    const { error } = group.find(({ series }) => isBaseline(series)) ?? group[0];
    const told = Number(error.toPrecision(2));
    return { error, text: `mean of v${index === 0 ? "" : `, for ${names}`}: ${told}` };
  });
}
