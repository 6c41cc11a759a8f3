import { BASELINE } from "../core/baseline.ts";
import { formatLength, formatRatio, formatSeconds } from "../core/format.ts";
import type { CaseRow } from "../record/case-row.ts";
import { lengthsOf, rowAt, type Series, seriesOf } from "./series.ts";
import { isTimed, speedUp, type TimedRow } from "./speed-up.ts";

/**
 * What the cases say, a sentence each: which series is fastest at which lengths, or which cannot be told apart there,
 * from which length each pays off, and what was not measured. Plain text.
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
  const stretches: { winners: readonly Series[]; from: number; to: number }[] = [];
  for (const length of lengthsOf(series)) {
    const winners = fastestAt(series, length);
    if (winners.length === 0) continue;
    const last = stretches[stretches.length - 1];
    if (last !== undefined && new Set(last.winners).symmetricDifference(new Set(winners)).size === 0) {
      last.winners = winners;
      last.to = length;
    } else stretches.push({ winners, from: length, to: length });
  }
  const end = stretches[stretches.length - 1];
  if (end === undefined) return null;
  const list = stretches.map(({ winners, from, to }) => `${either(winners)} at ${stretch(from, to)}`);
  return `Fastest: ${list.join(", ")}${atEnd(end.winners, end.to)}.`;
}

/** The time of the first of the winners, which it names where there are others. */
function atEnd(winners: readonly Series[], length: number): string {
  const [winner] = winners;
  const row = rowAt(winner, length);
  if (row === undefined || !isTimed(row)) return "";
  const gain = winner.variant === BASELINE ? null : speedUp(winner, length);
  const times = gain === null ? "" : `, ${formatRatio(gain.ratio)} as fast as ${BASELINE}`;
  return ` (${winners.length === 1 ? "" : `${winner.label}: `}${formatSeconds(row.median_s)}${times})`;
}

/** The series with the least median, and those that it cannot be told from: by rising median. */
export function fastestAt(series: readonly Series[], length: number): readonly Series[] {
  const timed = series
    .flatMap((one) => {
      const row = rowAt(one, length);
      return row !== undefined && isTimed(row) ? [{ one, row }] : [];
    })
    .sort((a, b) => a.row.median_s - b.row.median_s);
  return timed.filter(({ row }) => !isSlower(row, timed[0].row)).map(({ one }) => one);
}

/** Whether the intervals of the two times do not meet, or, where a time has no interval, the median is higher. */
function isSlower(row: TimedRow, fastest: TimedRow): boolean {
  if (row.low_s === null || fastest.high_s === null) return row.median_s > fastest.median_s;
  return row.low_s > fastest.high_s;
}

/** `stride`, `stride or global`, `stride, global or 3 more`. */
function either(series: readonly Series[]): string {
  const names = series.map((one) => one.label);
  const told = names.length > MOST ? [...names.slice(0, MOST - 1), `${names.length - MOST + 1} more`] : names;
  return told.length === 1 ? told[0] : `${told.slice(0, -1).join(", ")} or ${told[told.length - 1]}`;
}

/** Series named as the fastest before the rest is counted. */
const MOST = 4;

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
