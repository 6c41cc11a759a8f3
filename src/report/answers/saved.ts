import { isBaseline } from "../../record/schema/baseline.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { scoreBytes } from "../charts/score-bytes.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";

/**
 * What a forward pass leaves for its backward pass at the longest length, and what the weights of all pairs would take,
 * with the reason why they are not kept; null if it is not known.
 */
export function saved(series: readonly Series[]): string | null {
  const length = lengthsOf(series).findLast((at) => series.some((one) => bytesAt(one, at) !== null));
  if (length === undefined) return null;
  const known = series
    .flatMap((one) => {
      const bytes = bytesAt(one, length);
      return bytes === null ? [] : [{ one, bytes }];
    })
    .sort((a, b) => a.bytes - b.bytes);
  const parts = known.slice(0, MOST).map(({ one, bytes }) => `${one.label} ${formatBytes(bytes)}`);
  const more = known.length > MOST ? [`${known.length - MOST} more`] : [];
  return `Saved for the backward pass at ${formatLength(length)}: ${[...parts, ...more].join("; ")}${weights(series, length)}.`;
}

/** Series listed one by one before the rest is counted. */
const MOST = 8;

/** Only of what keeps less than that: it then computes weights once more. */
function weights(series: readonly Series[], length: number): string {
  const baseline = series.find((one) => isBaseline(one) && bytesAt(one, length) !== null);
  const row = baseline === undefined ? undefined : rowAt(baseline, length);
  const [all, own] = [row === undefined ? null : scoreBytes(row), row?.saved_bytes ?? null];
  if (baseline === undefined || all === null || own === null || !(all > own)) return "";
  return `; the weights of all pairs, which the textbook keeps, take ${formatBytes(all)} of ${baseline.label} and grow as N²: attention in linear memory exists because a backward pass can compute them again`;
}

function bytesAt(series: Series, length: number): number | null {
  const row = rowAt(series, length);
  return row?.outcome === "measured" ? (row.saved_bytes ?? null) : null;
}
