import { formatLength } from "../../text/format.ts";
import { worth as inWords } from "../answers/worth.ts";
import { worth } from "../charts/worth.ts";
import { worthHeads, worthNote, worthTable } from "../tables/worth-table.ts";
import type { Words } from "../words.ts";
import { inFull, numbers, tableDetail, words } from "./details.ts";
import type { Topic } from "./topic.ts";

/** What a faster attention is worth in the layer around it. */
export function layer(over: Words): Topic {
  return {
    id: "layer",
    title: "In a layer",
    charts: [worth(over)],
    answer: "layer",
    details: (about) => [
      ...inFull(inWords, about),
      ...tableDetail(
        {
          title: "What a faster attention is worth in the layer",
          note: worthNote(over.baseline),
          heads: [...words("variant"), ...numbers(["length", ...worthHeads(over.baseline)])],
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
}
