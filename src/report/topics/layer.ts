import { formatLength, formatPercent, formatRatio } from "../../text/format.ts";
import { worth as inWords } from "../answers/worth.ts";
import { worth } from "../charts/worth.ts";
import { lengthsOf } from "../series.ts";
import { WORTH_HEADS, WORTH_NOTE, worthTable } from "../tables/worth-table.ts";
import { mostGained, worthAt } from "../worth.ts";
import { inFull, numbers, tableDetail, words } from "./details.ts";
import type { Topic } from "./topic.ts";

/** What a faster attention is worth in the layer around it. */
export const layer: Topic = {
  id: "layer",
  title: "In a layer",
  charts: [worth],
  answer({ series }) {
    const length = lengthsOf(series).findLast((at) => series.some((one) => worthAt(one, at) !== null));
    if (length === undefined) return null;
    const told = series.flatMap((one) => {
      const found = worthAt(one, length);
      return found === null ? [] : [{ label: one.label, ...found }];
    });
    const best = told.reduce((a, b) => (b.inner > a.inner ? b : a));
    const [inner, whole] = [formatRatio(best.inner), formatRatio(best.layer.ratio)];
    return `At ${formatLength(length)} attention ${inner} as fast (${best.label}) makes the layer ${whole} as fast; projections, ${formatPercent(best.share)}, allow ${formatRatio(mostGained(best.share))}.`;
  },
  details: (about) => [
    ...inFull(inWords, about),
    ...tableDetail(
      {
        title: "What a faster attention is worth in the layer",
        note: WORTH_NOTE,
        heads: [...words("variant"), ...numbers(["length", ...WORTH_HEADS])],
        rows: worthTable(about.series).map(({ series, length, cells }) => ({
          series,
          cells: [
            { text: series.label },
            { text: formatLength(length), sort: length },
            ...cells.map(({ text, value }) => ({ text, sort: value })),
          ],
        })),
      },
      about,
    ),
  ],
};
