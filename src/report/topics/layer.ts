import { formatLength } from "../../text/format.ts";
import { worth as inWords } from "../answers/worth.ts";
import { worth } from "../charts/worth.ts";
import { WORTH_HEADS, WORTH_NOTE, worthTable } from "../tables/worth-table.ts";
import { inFull, numbers, tableDetail, words } from "./details.ts";
import type { Topic } from "./topic.ts";

/** What a faster attention is worth in the layer around it. */
export const layer: Topic = {
  id: "layer",
  title: "In a layer",
  charts: [worth],
  answer: "layer",
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
