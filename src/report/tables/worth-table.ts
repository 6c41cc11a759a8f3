import { BASELINE } from "../../record/schema/baseline.ts";
import { formatPercent, formatRatio } from "../../text/format.ts";
import type { Series } from "../series.ts";
import { mostGained, worthOf } from "../worth.ts";

/** What the attention of a series is worth in its layer at one length. */
interface WorthRow {
  readonly series: Series;
  readonly length: number;
  /** One for each of `WORTH_HEADS`. */
  readonly cells: readonly string[];
}

/** Heads of the columns of numbers. */
export const WORTH_HEADS: readonly string[] = [
  "attention alone",
  "the layer",
  "by Amdahl",
  "at most",
  `projections of ${BASELINE}`,
  "of its own",
];

/** How the table is to be read. */
export const WORTH_NOTE =
  `How many times faster than ${BASELINE} by the same kernel at the same shape: attention alone is the median of a layer less what the ` +
  "kernel says its projections took, by its own clock. Amdahl's law makes of that number 1 / (p + (1 − p) / s), with s times faster attention and " +
  `p the share of projections in the time of ${BASELINE}'s layer, which is given; at most 1 / p is left of any attention. The layer is ` +
  "measured: it differs from the law as far as its projections took more or less time than those of " +
  `${BASELINE}, whose share of the layer's own time is the last column.`;

/** Rows by series and rising length; none if no variant was measured as a layer beside the baseline. */
export function worthTable(series: readonly Series[]): readonly WorthRow[] {
  return series.flatMap((one) =>
    worthOf(one).map(({ length, inner, layer, predicted, share, ownShare }) => ({
      series: one,
      length,
      cells: [
        ...[inner, layer.ratio, predicted, mostGained(share)].map((ratio) => formatRatio(ratio, 3)),
        ...[share, ownShare].map((part) => formatPercent(part)),
      ],
    })),
  );
}
