import type { CaseRow } from "../../record/case-row.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { byteTicks, digitsOf, labelExpression, logTicks } from "./ticks.ts";

/** What lengths count: only keys, where queries are other tokens; `usual` otherwise. */
export function lengthTitle(rows: readonly Pick<CaseRow, "queries">[], usual = "sequence length"): string {
  return rows.some(({ queries }) => queries !== undefined) ? "number of keys" : usual;
}

/** The channel of length: logarithmic, with a tick at every measured length, which must be given rising. */
export function lengthChannel(lengths: readonly number[], title: string) {
  // A single length would leave the axis no width.
  const room = lengths.length === 1 ? 1.5 : 1;
  return {
    field: "length",
    type: "quantitative" as const,
    title,
    scale: {
      type: "log" as const,
      base: 2,
      nice: false,
      domain: [lengths[0] / room, lengths[lengths.length - 1] * room],
      padding: 12,
    },
    axis: {
      values: [...lengths],
      labelExpr: labelExpression(lengths, formatLength),
      labelOverlap: "greedy" as const,
    },
  };
}

/**
 * A quantity that a chart shows: its name in the data, the axis' title, and how its values read with a given
 * number of digits.
 */
export interface Quantity {
  readonly field: string;
  /** Null if the chart says it elsewhere. */
  readonly title: string | null;
  readonly format: (value: number, digits: number) => string;
  /** Its round numbers, if they are not decimal. */
  readonly ticks?: (low: number, high: number) => readonly number[];
}

/** How bytes read on an axis. */
export const inBytes = {
  ticks: byteTicks,
  // A power of two has one digit, two or three before its unit, and none after.
  format: (bytes: number, digits: number) =>
    formatBytes(bytes, Number.isInteger(Math.log2(bytes)) ? 1 : digits),
};

/** The channel of a quantity on a logarithmic scale that spans `values`, all positive. */
export function logChannel(
  { field, title, format, ticks: round = logTicks }: Quantity,
  values: readonly number[],
) {
  const [least, most] = spanOf(values);
  const low = least / MARGIN;
  const high = Math.min(most * MARGIN, Number.MAX_VALUE);
  const ticks = round(low, high);
  const digits = digitsOf(ticks, format);
  return {
    field,
    type: "quantitative" as const,
    title,
    scale: { type: "log" as const, nice: false, domain: [low, high] },
    axis: { values: [...ticks], labelExpr: labelExpression(ticks, (tick) => format(tick, digits)) },
  };
}

/** The least and the most of some values, of which there may be more than a call accepts as arguments. */
export function spanOf(values: readonly number[]): [least: number, most: number] {
  return [
    values.reduce((least, value) => Math.min(least, value)),
    values.reduce((most, value) => Math.max(most, value)),
  ];
}

/** Room above and below the outermost points, as a factor. */
const MARGIN = 1.15;
