import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline, isFullAttention } from "../../record/schema/baseline.ts";
import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { named } from "../../text/cut-text.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { againstOf, isAgainstFull } from "../against.ts";
import { relative } from "../relative.ts";
import { baselineOf, lengthsOf, rowAt, type Series } from "../series.ts";

/**
 * What the series hold in memory and how far they are from full attention, beside the mean of v, at the longest
 * length measured; null if neither is known.
 */
export function cost(series: readonly Series[]): string | null {
  const length = lengthsOf(series).findLast((at) =>
    series.some((one) => rowAt(one, at)?.outcome === "measured"),
  );
  if (length === undefined) return null;
  const measured = series.flatMap((one) => {
    const row = rowAt(one, length);
    return row?.outcome === "measured" ? [{ one, row }] : [];
  });
  const others = measured.filter(({ one }) => !isBaseline(one));
  const memory = extremes(others, (row) => row.workspace_bytes, formatBytes);
  const approximating = measured.filter(({ one }) => !isFullAttention(one));
  const near = approximating.filter(({ row }) => isAgainstFull(row));
  const fidelity = extremes(near, (row) => row.fidelity_error, relative);
  const parts = [
    memory === null
      ? ""
      : `memory in addition to ${givenTo(measured)} and out is ${memory}${baselineMemory(measured)}`,
    fidelity === null
      ? ""
      : `the relative error against full attention on this input is ${fidelity}${besideMean(measured.filter(({ row }) => isAgainstFull(row)))}${without(approximating)}`,
    ...apart(approximating),
  ].filter(Boolean);
  return parts.length === 0 ? null : `Cost at ${formatLength(length)}: ${parts.join("; ")}.`;
}

interface Measured {
  readonly one: Series;
  readonly row: CaseRow;
}

/** What a call is given, besides the output to fill. */
function givenTo(measured: readonly Measured[]): string {
  return measured.some(({ row }) => row.model_dim !== undefined) ? "tokens, weights" : "q, k, v";
}

/** `122 KiB (global) to 2.19 MiB (longformer)`. */
function extremes(
  measured: readonly Measured[],
  value: (row: CaseRow) => number | null,
  format: (value: number) => string,
  withNames = true,
): string | null {
  const known = measured
    .flatMap(({ one, row }) => {
      const number = value(row);
      return number === null ? [] : [{ one, number }];
    })
    .sort((a, b) => a.number - b.number);
  if (known.length === 0) return null;
  const [least, most] = [known[0], known[known.length - 1]];
  const told = ({ one, number }: (typeof known)[number]) =>
    withNames ? `${format(number)} (${one.label})` : format(number);
  if (told(least) !== told(most) && least.number < most.number) return `${told(least)} to ${told(most)}`;
  return known.length === 1 || !withNames ? told(least) : `${format(least.number)} for each`;
}

function baselineMemory(measured: readonly Measured[]): string {
  const found = measured.find(({ one }) => isBaseline(one));
  const bytes = found?.row.workspace_bytes ?? null;
  return found === undefined || bytes === null
    ? ""
    : `, ${formatBytes(bytes)} for ${baselineOf([found.one])}`;
}

/**
 * What nearness is worth: how far the mean of v is, and which series are further. Several means, as of older files, in
 * which series may have something else to approximate, are a range.
 */
function besideMean(measured: readonly Measured[]): string {
  const mean = extremes(measured, (row) => row.mean_fidelity_error ?? null, relative, false);
  if (mean === null) return "";
  const told = `that of the mean of v, which looks at neither q nor k, is ${mean}`;
  const known = measured.filter(({ one, row }) => !isFullAttention(one) && row.fidelity_error !== null);
  const worse = known.filter(({ row }) => isWorseThanMean(row)).map(({ one }) => one.label);
  if (known.length === 0) return `; ${told}`;
  if (worse.length === 0) return `; ${told}, and none is worse than that`;
  const who = worse.length === known.length && worse.length > 1 ? "all" : named(worse, MOST_NAMES);
  return `; ${told}, and ${who} ${worse.length > 1 ? "are" : "is"} worse than that`;
}

/** Those that approximate nothing that an error could be measured against. */
function without(measured: readonly Measured[]): string {
  const none = measured.filter(({ row }) => row.fidelity_error === null).map(({ one }) => one.label);
  if (none.length === 0) return "";
  return `; ${named(none, MOST_NAMES)} ${none.length > 1 ? "have" : "has"} no such error`;
}

/** The errors of those that approximate something else than full attention, beside the mean of v, by what that is. */
function apart(measured: readonly Measured[]): readonly string[] {
  const others = measured.filter(({ row }) => row.fidelity_error !== null && !isAgainstFull(row));
  const groups = [...Map.groupBy(others, ({ row }) => againstOf(row))];
  const parts = groups.slice(0, MOST_YARDSTICKS).map(([against, members]) => {
    const errors = extremes(members, (row) => row.fidelity_error, relative, members.length > 1);
    const who = named(
      members.map(({ one }) => one.label),
      MOST_NAMES,
    );
    const mean = extremes(members, (row) => row.mean_fidelity_error ?? null, relative, false);
    const than = members.every(({ row }) => isWorseThanMean(row)) ? "worse than" : "beside";
    const beside = mean === null ? "" : `, ${than} the ${mean} of the mean of v`;
    return `${who} ${members.length > 1 ? "have errors" : "has an error"} of ${errors} against ${against}${beside}`;
  });
  const more = others.length - groups.slice(0, MOST_YARDSTICKS).flatMap(([, members]) => members).length;
  return more === 0 ? parts : [...parts, `${more} more have errors against something else`];
}

/** The most things other than full attention that a sentence has errors against. */
const MOST_YARDSTICKS = 2;

/** The most variants named in a sentence: the table has all of them. */
const MOST_NAMES = 4;
