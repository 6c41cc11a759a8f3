import type { Results } from "../../record/case-row.ts";
import type { Learned } from "../../record/learned.ts";
import { shareText } from "../../text/share-text.ts";
import { learnedAnswer, modelsAnswer } from "../answers/learned.ts";
import { learnedArena } from "../charts/learned/learned-arena.ts";
import { learningCurves } from "../charts/learned/learning-curves.ts";
import { recallByState } from "../charts/learned/recall-by-state.ts";
import { cautions } from "../learning/cautions.ts";
import { checkedLines } from "../learning/checked-lines.ts";
import { isLearnedOnly } from "../learning/learned-only.ts";
import { byTask, learnedRows } from "../learning/learned-rows.ts";
import { untrainedLines } from "../learning/untrained-lines.ts";
import { LEARNED_NOTE, learnedTables } from "../tables/learned-table.ts";
import type { Words } from "../words.ts";
import { numbers, sentences, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** What variants learn of tasks that are small enough to be trained here. */
export function learned(over: Words): Topic {
  return {
    id: "learned",
    title: "What they learn",
    charts: [recallByState, learningCurves, learnedArena(over)],
    answer: ({ results }) => (results.learned === undefined ? null : learnedAnswer(results.learned)),
    details(about) {
      const { results } = about;
      if (results.learned === undefined) return [];
      const rows = learnedRows(results.learned);
      const alone = isLearnedOnly(results);
      return [
        // Where nothing was timed, both are on the first screen.
        ...(alone ? [] : misleading({ ...results, learned: results.learned })),
        ...(alone ? [] : learnedTables(rows)).flatMap(({ title, heads, rows: lines }) =>
          tableDetail(
            {
              title,
              note: LEARNED_NOTE,
              heads: [...words("variant"), ...numbers(heads)],
              rows: lines.map(({ row, cells }) => ({ series: null, cells: [{ text: row.label }, ...cells] })),
            },
            about,
          ),
        ),
        ...sentences("Not trained", untrainedLines(rows)),
        ...rateTables(results.learned, about),
        ...sentences("How it was checked", checkedLines(results.learned)),
      ];
    },
  };
}

/** What would mislead, which stands beside the accuracies wherever they are told. */
export function misleading(results: Results & { readonly learned: Learned }): readonly Detail[] {
  return sentences("What would mislead", cautions(results));
}

/** The same of a file that is about nothing else, whose first screen has the answer and the tables. */
export function learnedAlone(over: Words): Topic {
  return {
    ...learned(over),
    title: "How they were trained",
    answer: ({ results }) => (results.learned === undefined ? null : modelsAnswer(results.learned)),
  };
}

/** What the choosing runs reached by each rate, a table a task. */
function rateTables(study: Learned, about: TopicResults): readonly Detail[] {
  const all = learnedRows(study).filter(({ tried }) => tried.length > 0);
  return byTask(all).flatMap((rows) => {
    const rates = [...new Set(rows.flatMap(({ tried }) => tried.map(({ rate }) => rate)))].sort(
      (a, b) => a - b,
    );
    const [{ taskLabel }] = rows;
    return tableDetail(
      {
        title: `Learning rates tried, ${taskLabel}`,
        note: "Accuracy on validation examples of the runs that chose the rate, whose seeds are not those reported; the best is marked.",
        heads: [...words("variant"), ...numbers(rates.map(String))],
        rows: rows.map((row) => ({
          series: null,
          cells: [
            { text: row.label },
            ...rates.map((rate) => {
              const found = row.tried.find((one) => one.rate === rate);
              if (found === undefined) return { text: "–", sort: null };
              const text = found.accuracy === null ? "not trained" : shareText(found.accuracy);
              return { text, sort: found.accuracy, ...(rate === row.best && { below: "best" }) };
            }),
          ],
        })),
      },
      about,
    );
  });
}
