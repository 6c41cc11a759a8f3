import type { CaseRow } from "../../record/case-row.ts";
import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { countText } from "../../text/count-text.ts";
import { formatFlops, formatSeconds } from "../../text/format.ts";
import { againstOf, isAgainstFull } from "../against.ts";
import type { Series } from "../series.ts";

/**
 * What every row of a chart's data says about its case: where it belongs, and the texts of its tooltip. The
 * page filters all charts by `variant`.
 */
export function detailsOf({ label, variantLabel }: Series, row: CaseRow) {
  const { length, median_s, low_s, high_s, samples, rounds, useful_flops, gate_error, gate_budget } = row;
  return {
    series: label,
    variant: variantLabel,
    length,
    median: written(median_s, formatSeconds),
    interval: low_s === null || high_s === null ? NONE : `${formatSeconds(low_s)} – ${formatSeconds(high_s)}`,
    samples: `${samples} in ${countText(rounds, "round")}`,
    work: written(useful_flops, formatFlops),
    gate_error: `${written(gate_error, formatError)} of ${written(gate_budget, formatError)}`,
    fidelity: fidelityText(row),
  };
}

/** Tooltip of a case, from the rows above. */
export const caseTooltip = tooltip({
  series: "series",
  length: "length",
  median: "median",
  interval: "95 % interval",
  samples: "samples",
  work: "useful work",
  gate_error: "verification error",
  fidelity: "error against full attention",
});

/** The fields of `detailsOf`: what charts say of a case in the same words. */
export const CASE_FIELDS = ["variant", ...caseTooltip.map(({ field }) => field)];

/** The same for a step. */
export const stepTooltip = tooltip({
  series: "series",
  length: "position",
  median: "median per token",
  interval: "95 % interval",
  samples: "samples",
  work: "useful work per token",
  gate_error: "verification error",
  fidelity: "error against full attention",
});

/** A tooltip that shows these fields under these titles. */
export function tooltip(titles: Readonly<Record<string, string>>) {
  return Object.entries(titles).map(([field, title]) => ({ field, title, type: "nominal" as const }));
}

/** An error, such as `3.1e-7`, or `0.52` if it is not small. */
export function formatError(error: number, digits = 2): string {
  return error !== 0 && (error < 1e-3 || error >= 1e4)
    ? error.toExponential(digits - 1)
    : `${Number(error.toPrecision(digits))}`;
}

/** What it is against is said if that is not full attention, of which the tooltip's title speaks. */
function fidelityText(row: CaseRow): string {
  const told = `${written(row.fidelity_error, formatError)}${besideMean(row)}`;
  const against = againstOf(row);
  return against === null || isAgainstFull(row) ? told : `none; against ${against}: ${told}`;
}

/** What the error is worth, if that is known. */
function besideMean(row: CaseRow): string {
  const { mean_fidelity_error: mean = null } = row;
  if (row.fidelity_error === null || mean === null) return "";
  return isWorseThanMean(row)
    ? `, worse than the mean of v with ${formatError(mean)}`
    : ` (mean of v ${formatError(mean)})`;
}

function written(value: number | null, format: (value: number) => string): string {
  return value === null ? NONE : format(value);
}

const NONE = "–";
