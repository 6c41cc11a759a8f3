import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";

/** The least and the most of a quantity at one length, with the series that have them. */
export interface Range {
  readonly length: number;
  readonly least: Known;
  readonly most: Known;
  /** Null if no baseline has it there. */
  readonly baseline: Known | null;
}

interface Known {
  readonly series: Series;
  readonly value: number;
}

/** At the longest length at which a series besides the baseline has the quantity, or any; null if none has. */
export function rangeOf(
  series: readonly Series[],
  value: (row: CaseRow, series: Series) => number | null,
): Range | null {
  const lengths = lengthsOf(series);
  const at = (length: number, some: readonly Series[]) =>
    some.flatMap((one): readonly Known[] => {
      const row = rowAt(one, length);
      const known = row?.outcome === "measured" ? value(row, one) : null;
      return known === null ? [] : [{ series: one, value: known }];
    });
  const others = series.filter((one) => !isBaseline(one));
  const length =
    lengths.findLast((one) => at(one, others).length > 0) ??
    lengths.findLast((one) => at(one, series).length > 0);
  if (length === undefined) return null;
  const known = at(length, others).length > 0 ? at(length, others) : at(length, series);
  const sorted = known.toSorted((a, b) => a.value - b.value);
  return {
    length,
    least: sorted[0],
    most: sorted[sorted.length - 1],
    baseline: at(length, series.filter(isBaseline))[0] ?? null,
  };
}

/** `122 KiB (global) to 2.19 MiB (longformer)`, or one of them if they read alike. */
export function rangeText({ least, most }: Range, format: (value: number) => string): string {
  const told = ({ series, value }: Known) => `${format(value)} (${series.label})`;
  return format(least.value) === format(most.value) ? format(least.value) : `${told(least)} to ${told(most)}`;
}
