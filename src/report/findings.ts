import { formatLength, formatRatio, formatSeconds } from "../core/format.ts";
import type { CaseRow } from "../record/case-row.ts";
import { BASELINE, lengthsOf, rowAt, type Series, seriesOf } from "./series.ts";
import { isTimed, speedUp } from "./speed-up.ts";

/**
 * What the cases say, a sentence each: which series is fastest at which lengths, from which length each pays off, and
 * what was not measured. Plain text.
 */
export function findings(rows: readonly CaseRow[]): readonly string[] {
  const settings = [...Map.groupBy(seriesOf(rows), (one) => one.setting)];
  const sentences = settings.flatMap(([setting, series]) =>
    [fastestSentence(series), crossoverSentence(series)]
      .filter((sentence) => sentence !== null)
      .map((sentence) => (setting === "" ? sentence : `${setting}: ${sentence}`)),
  );
  return [...sentences, ...outcomeSentences(rows)];
}

/**
 * The first length from which on the series is faster than the baseline at every length at which both were measured;
 * null where there is none. Faster means that the intervals of the two times do not meet, or, where a time has no
 * interval, that its median is lower.
 */
export function crossover(series: Series): number | null {
  let from: number | null = null;
  for (const length of lengthsOf([series])) {
    const gain = speedUp(series, length);
    if (gain === null) continue;
    if (!((gain.low ?? gain.ratio) > 1)) from = null;
    else from ??= length;
  }
  return from;
}

function fastestSentence(series: readonly Series[]): string | null {
  const stretches: { winner: Series; from: number; to: number }[] = [];
  for (const length of lengthsOf(series)) {
    const winner = fastestAt(series, length);
    if (winner === null) continue;
    const last = stretches[stretches.length - 1];
    if (last?.winner === winner) last.to = length;
    else stretches.push({ winner, from: length, to: length });
  }
  const end = stretches[stretches.length - 1];
  if (end === undefined) return null;
  const list = stretches.map(({ winner, from, to }) => `${winner.label} at ${stretch(from, to)}`).join(", ");
  return `Fastest: ${list}${atEnd(end.winner, end.to)}.`;
}

function atEnd(winner: Series, length: number): string {
  const row = rowAt(winner, length);
  if (row === undefined || !isTimed(row)) return "";
  const gain = winner.variant === BASELINE ? null : speedUp(winner, length);
  const times = gain === null ? "" : `, ${formatRatio(gain.ratio)} as fast as ${BASELINE}`;
  return ` (${formatSeconds(row.median_s)}${times})`;
}

function fastestAt(series: readonly Series[], length: number): Series | null {
  let fastest: { one: Series; seconds: number } | null = null;
  for (const one of series) {
    const row = rowAt(one, length);
    if (row === undefined || !isTimed(row)) continue;
    if (fastest === null || row.median_s < fastest.seconds) fastest = { one, seconds: row.median_s };
  }
  return fastest?.one ?? null;
}

function crossoverSentence(series: readonly Series[]): string | null {
  const compared = series.filter((one) => one.variant !== BASELINE && comparedLengths(one).length > 0);
  if (compared.length === 0) return null;
  const groups = Map.groupBy(compared, (one) => {
    const from = crossover(one);
    if (from === null) return Number.POSITIVE_INFINITY;
    return from === comparedLengths(one)[0] ? 0 : from;
  });
  const parts = [...groups]
    .sort(([a], [b]) => a - b)
    .map(([from, members]) => {
      const names = members.map((one) => one.label).join(", ");
      if (from === Number.POSITIVE_INFINITY) return `${names} not at the longest length measured`;
      return from === 0 ? `${names} at every length measured` : `${names} from ${formatLength(from)}`;
    });
  return `Faster than ${BASELINE}: ${parts.join("; ")}.`;
}

function comparedLengths(series: Series): readonly number[] {
  return lengthsOf([series]).filter((length) => speedUp(series, length) !== null);
}

function outcomeSentences(rows: readonly CaseRow[]): readonly string[] {
  const count = (outcome: CaseRow["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  const [measured, skipped, failed] = [count("measured"), count("skipped"), count("failed")];
  if (rows.length === 0) return ["The file holds no case."];
  const rest = [skipped > 0 ? `${skipped} skipped` : "", failed > 0 ? `${failed} failed` : ""].filter(
    Boolean,
  );
  const tail = rest.length === 0 ? "" : `, ${rest.join(", ")}: the table says why`;
  if (measured === 0) return [`Nothing was measured: of ${cases(rows.length)} ${rest.join(" and ")}.`];
  return [`${measured} of ${cases(rows.length)} measured${tail}.`];
}

function cases(count: number): string {
  return count === 1 ? "1 case" : `${count} cases`;
}

function stretch(from: number, to: number): string {
  return from === to ? formatLength(from) : `${formatLength(from)}–${formatLength(to)}`;
}
