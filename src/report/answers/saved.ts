import type { CaseRow } from "../../record/case-row.ts";
import { isFullAttention } from "../../record/schema/baseline.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { scoreBytes } from "../charts/score-bytes.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";

/**
 * What a forward pass leaves for its backward pass at the longest length, and what the weights of all pairs would take,
 * with the reason why they are not kept; null if it is not known.
 */
export function saved(series: readonly Series[]): string | null {
  return kept(series, "Saved for the backward pass", (row) => row.saved_bytes ?? null);
}

/** The same of both passes in one call, whose workspace holds what is saved. */
export function heldInTraining(series: readonly Series[]): string | null {
  return kept(series, "Held for both passes", (row) => row.workspace_bytes);
}

type BytesOf = (row: CaseRow) => number | null;

function kept(series: readonly Series[], intro: string, bytesOf: BytesOf): string | null {
  const at = (one: Series, length: number) => {
    const row = rowAt(one, length);
    return row?.outcome === "measured" ? bytesOf(row) : null;
  };
  const length = lengthsOf(series).findLast((some) => series.some((one) => at(one, some) !== null));
  if (length === undefined) return null;
  const known = series
    .flatMap((one) => {
      const bytes = at(one, length);
      return bytes === null ? [] : [{ one, bytes }];
    })
    .sort((a, b) => a.bytes - b.bytes);
  const parts = known.slice(0, MOST).map(({ one, bytes }) => `${one.label} ${formatBytes(bytes)}`);
  const more = known.length > MOST ? [`${known.length - MOST} more`] : [];
  const full = known.find(({ one }) => isFullAttention(one));
  const why = full === undefined ? "" : whyNotAll(full.one, length, full.bytes);
  return `${intro} at ${formatLength(length)}: ${[...parts, ...more].join("; ")}${why}.`;
}

/** Series listed one by one before the rest is counted. */
const MOST = 8;

/** Only of what keeps less than all weights: it computes them once more. */
function whyNotAll(full: Series, length: number, bytes: number): string {
  const row = rowAt(full, length);
  const all = row === undefined ? null : scoreBytes(row);
  return all === null || !(all > bytes)
    ? ""
    : `; the weights of all pairs, which the textbook keeps from pass to pass, are ${formatBytes(all)} of ${full.label} and grow as N²: so attention in linear memory computes them again`;
}
