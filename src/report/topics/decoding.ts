import { formatLength } from "../../text/format.ts";
import { tokensPerSecond } from "../answers/tokens-per-second.ts";
import { generate } from "../charts/decode/generate.ts";
import { FAIR_NOTE, fairTable, PAPER_NOTE } from "../tables/fair-table.ts";
import { inFull, numbers, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** How fast a text is generated, token by token. */
export const decoding: Topic = {
  id: "decoding",
  title: "Decoding: a text from nothing",
  charts: [generate],
  answer: "decoding",
  details: (about) => [...inFull(tokensPerSecond, about), ...fair(about)],
};

/** The fair and the unfair ratio to softmax, side by side. */
function fair(about: TopicResults): readonly Detail[] {
  const table = fairTable(about.series);
  if (table === null) return [];
  const { tokens, rows } = table;
  return tableDetail(
    {
      title: "Generating N tokens: the unfair and the fair ratio to softmax",
      note: FAIR_NOTE,
      after: PAPER_NOTE,
      heads: [...words("variant", "over"), ...numbers(tokens.map(formatLength))],
      rows: rows.map(({ series, name, over, cells }) => ({
        series,
        cells: [
          { text: name },
          { text: over },
          ...cells.map(({ ratio, interval }) => ({ text: ratio, below: interval })),
        ],
      })),
    },
    about,
  );
}
