import { countText } from "../../text/count-text.ts";
import { html } from "../../text/html.ts";
import { scroll } from "../page/scroll.ts";
import { lengthsOf } from "../series.ts";
import { caseTable } from "../tables/case-table.ts";
import { wordsFor } from "../words.ts";
import type { Topic } from "./topic.ts";

/** Every case with all that is known about it. */
export const cases: Topic = {
  id: "cases",
  title: "All cases",
  charts: [],
  answer({ results, parts }) {
    const { rows } = results;
    if (rows.length === 0) return null;
    const series = parts.flat();
    const failed = rows.filter(({ outcome }) => outcome !== "measured").length;
    const why = failed === 0 ? "" : `; ${failed} without a time say why`;
    const variants = new Set(rows.map(({ variant }) => variant)).size;
    return `${countText(rows.length, "case")}: ${countText(variants, "variant")} at ${countText(lengthsOf(series).length, "length")}${why}.`;
  },
  details: ({ parts, placeOf }) =>
    parts.flatMap((series) => {
      if (series.length === 0) return [];
      const { casesNote, made } = wordsFor(series);
      return [
        {
          title: parts.length > 1 ? `All cases, each ${made}` : "All cases",
          page: html`<p class="note">${casesNote}</p>
${scroll("all cases", caseTable(series, placeOf), "scroll wide")}`,
          summary: null,
        },
      ];
    }),
};
