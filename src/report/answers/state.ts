import { isFullAttention } from "../../record/schema/baseline.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";

/**
 * What each series keeps of the tokens so far, at the last position that was measured; null if it is not
 * known.
 */
export function state(series: readonly Series[]): string | null {
  const position = lengthsOf(series).findLast((at) => series.some((one) => bytesAt(one, at) !== null));
  if (position === undefined) return null;
  const kept = series
    .flatMap((one) => {
      const bytes = bytesAt(one, position);
      return bytes === null ? [] : [{ one, bytes }];
    })
    .sort((a, b) => a.bytes - b.bytes);
  const cache = kept.find(({ one }) => isFullAttention(one))?.bytes ?? null;
  const parts = kept.slice(0, MOST).map(({ one, bytes }) => {
    const share =
      isFullAttention(one) || cache === null || cache === bytes
        ? ""
        : `, ${Number(((100 * bytes) / cache).toPrecision(2))} % of the cache`;
    return `${one.label} ${formatBytes(bytes)}${share}`;
  });
  const more = kept.length > MOST ? [`${kept.length - MOST} more`] : [];
  return `State at position ${formatLength(position)}: ${[...parts, ...more].join("; ")}.`;
}

/** Series listed one by one before the rest is counted. */
const MOST = 8;

function bytesAt(series: Series, position: number): number | null {
  const row = rowAt(series, position);
  return !series.operation.keepsState || row?.outcome !== "measured" ? null : (row.state_bytes ?? null);
}
