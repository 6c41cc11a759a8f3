import { isBaseline } from "../../record/schema/baseline.ts";
import { formatLength } from "../../text/format.ts";
import type { Column } from "../../text/text-columns.ts";
import { partOf } from "../parts.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";
import { wordsFor } from "../words.ts";
import { limitText } from "./limit-cells.ts";

/** How near each series comes to its limits at one length. */
export interface LimitBlock {
  /** What the columns are about. */
  readonly title: string;
  readonly columns: readonly Column[];
}

/**
 * The block of limits, at the longest length at which a variant was measured together with the baseline, or
 * at all. Columns with nothing known are omitted; null if none is left.
 */
export function limitBlock(series: readonly Series[]): LimitBlock | null {
  const lengths = lengthsOf(series);
  const measured = (length: number) => series.filter((one) => (rowAt(one, length)?.rounds ?? 0) > 0);
  const length =
    lengths.findLast((at) => measured(at).some((one) => !isBaseline(one) && isCompared(one, at))) ??
    lengths.findLast((at) => measured(at).length > 0);
  if (length === undefined) return null;
  const columns = Object.entries(partOf(series).limits)
    .map(([head, limit]) => {
      const cells = series.map((one) => {
        const row = rowAt(one, length);
        return row === undefined ? "–" : limitText(limit, row);
      });
      return { head, cells };
    })
    .filter(({ cells }) => cells.some((text) => text !== "–"));
  if (columns.length === 0) return null;
  return { title: wordsFor(series).limitsAt(formatLength(length)), columns };
}

function isCompared(series: Series, length: number): boolean {
  return (rowAt(series, length)?.achieved_over_ideal ?? null) !== null;
}
