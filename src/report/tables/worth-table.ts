import { formatPercent, formatRatio } from "../../text/format.ts";
import type { Series } from "../series.ts";
import { mostGained, worthOf } from "../worth.ts";

/** What the attention of a series is worth in its layer at one length. */
interface WorthRow {
  readonly series: Series;
  readonly length: number;
  /** One for each of `worthHeads`. */
  readonly cells: readonly { readonly text: string; readonly value: number }[];
}

/** Heads of the columns of numbers. */
export function worthHeads(baseline: string): readonly string[] {
  return ["attention alone", "the layer", "by Amdahl", "at most", `projections of ${baseline}`, "of its own"];
}

/** How the table is to be read. */
export function worthNote(baseline: string): string {
  return (
    `How many times as fast as ${baseline} by the same kernel at the same shape. Attention alone is the median time of a layer less what its ` +
    "kernel says the projections took, by its own clock. Amdahl's law makes " +
    "1 / (p + (1 − p) / s) of s times as fast an attention, with the share p that projections have in the layer of " +
    `${baseline}, and 1 / p at most. The layer is measured: it differs from the law as far as its own projections, whose share of it ` +
    `is the last column, took more or less time than those of ${baseline}. A layer marked ! gained more than that ` +
    `most, which no attention does: its projections took less time than those of ${baseline}, by chance or because a time is wrong.`
  );
}

/** Rows by series and rising length; none if no variant was measured as a layer beside the baseline. */
export function worthTable(series: readonly Series[]): readonly WorthRow[] {
  return series.flatMap((one) =>
    worthOf(one).map(({ length, inner, layer, predicted, share, ownShare }) => ({
      series: one,
      length,
      cells: [
        { text: formatRatio(inner, 3), value: inner },
        {
          text: `${formatRatio(layer.ratio, 3)}${layer.ratio > mostGained(share) ? " !" : ""}`,
          value: layer.ratio,
        },
        ...[predicted, mostGained(share)].map((ratio) => ({ text: formatRatio(ratio, 3), value: ratio })),
        ...[share, ownShare].map((part) => ({ text: formatPercent(part), value: part })),
      ],
    })),
  );
}
