import { isBaseline } from "../../record/schema/baseline.ts";
import { formatLength, formatRatio, formatSeconds } from "../../text/format.ts";
import { isSlower } from "../ranking/slower.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";
import { isTimed, speedUp, timeOf } from "../speed-up.ts";
import { type Words, wordsFor } from "../words.ts";

/**
 * Which series is fastest at each length, or which cannot be told apart there, and how fast at the longest;
 * null if none was measured.
 */
export function fastest(series: readonly Series[]): string | null {
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
  const words = wordsFor(series);
  return `${words.fastest}: ${list.join(words.between)}${atEnd(end.winners, end.to, words)}.`;
}

/** The time of the first winner, which it names if there are others. */
function atEnd(winners: readonly Series[], length: number, { baseline }: Words): string {
  const [winner] = winners;
  const row = rowAt(winner, length);
  if (row === undefined || !isTimed(row)) return "";
  const gain = isBaseline(winner) ? null : speedUp(winner, length);
  const times = gain === null ? "" : `, ${formatRatio(gain.ratio)} as fast as ${baseline}`;
  return ` (${winners.length === 1 ? "" : `${winner.label}: `}${formatSeconds(row.median_s)}${times})`;
}

/** The series with the least median, and those it cannot be told from, by rising median. */
export function fastestAt(series: readonly Series[], length: number): readonly Series[] {
  const timed = series
    .flatMap((one) => {
      const row = rowAt(one, length);
      return row !== undefined && isTimed(row) ? [{ one, row }] : [];
    })
    .sort((a, b) => a.row.median_s - b.row.median_s);
  return timed.filter(({ row }) => !isSlower(timeOf(row), timeOf(timed[0].row))).map(({ one }) => one);
}

/** `stride`, `stride or global`, `stride, global or 3 more`. */
function either(series: readonly Series[]): string {
  const names = series.map((one) => one.label);
  const told = names.length > MOST ? [...names.slice(0, MOST - 1), `${names.length - MOST + 1} more`] : names;
  return told.length === 1 ? told[0] : `${told.slice(0, -1).join(", ")} or ${told[told.length - 1]}`;
}

/** Series named as the fastest before the rest is counted. */
const MOST = 4;

function stretch(from: number, to: number): string {
  return from === to ? formatLength(from) : `${formatLength(from)}–${formatLength(to)}`;
}
