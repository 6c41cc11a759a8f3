import { arena as arenaInWords } from "../answers/arena.ts";
import { cost } from "../answers/cost.ts";
import { arena } from "../charts/arena.ts";
import { frontier } from "../charts/frontier.ts";
import { workloads } from "../charts/workloads.ts";
import { isRandom } from "../ranking/last.ts";
import { ARENA_NOTE, arenaTable } from "../tables/arena-table.ts";
import { WORKLOAD_NOTE, workloadTable } from "../tables/workload-table.ts";
import { inFull, numbers, sentences, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** What speed costs in faithfulness to full attention. */
export const trade: Topic = {
  id: "trade",
  title: "The trade: speed against faithfulness",
  charts: [workloads, frontier, arena],
  answer: "trade",
  details: (about) => [
    ...sentences("What errors on random numbers mean", meaning(about)),
    ...inFull(cost, about),
    ...workloadDetail(about),
    ...inFull(arenaInWords, about, "Long Range Arena's models in full"),
    ...arenaDetail(about),
  ],
};

/** What to make of errors where no key has anything to say. */
function meaning({ series }: TopicResults): readonly string[] {
  const random = series.some(({ rows }) =>
    rows.some((row) => row.fidelity_error !== null && isRandom(row.input)),
  );
  if (!random) return [];
  return [
    "On random numbers no key has anything to do with a query: full attention's weights are nearly equal, and its output is close to the mean of v.",
    "A pattern then averages fewer values and errs by their scatter, which falls with the number of keys, whichever keys they are: the error tells how many pairs are left, not how well they are chosen.",
    "What is worse than the mean of v, which looks at neither q nor k, brings nothing on this input. Whether it is of use is seen on inputs like real ones (--workloads), on your own (--input), or in a trained model.",
  ];
}

/** Errors on several inputs. */
function workloadDetail(about: TopicResults): readonly Detail[] {
  const table = workloadTable(about.series);
  if (table === null) return [];
  const { title, heads, rows, means } = table;
  return tableDetail(
    {
      title,
      note: WORKLOAD_NOTE,
      heads: [...words("variant"), ...numbers(heads)],
      rows: [
        ...rows.map(({ series, cells }) => ({
          series,
          cells: [
            { text: series.label },
            ...cells.map(({ error, overMean, value }) => ({ text: error, below: overMean, sort: value })),
          ],
        })),
        {
          series: null,
          cells: [{ text: "mean of v" }, ...means.map(({ text, value }) => ({ text, sort: value }))],
        },
      ],
    },
    about,
  );
}

/** Long Range Arena's published speeds beside those here. */
function arenaDetail(about: TopicResults): readonly Detail[] {
  const table = arenaTable(about.series);
  if (table === null) return [];
  const { heads, rows } = table;
  return tableDetail(
    {
      title: "Long Range Arena, published and here",
      note: ARENA_NOTE,
      heads: [...words("model", "variant"), ...numbers(heads)],
      rows: rows.map(({ series, model, cells }) => ({
        series,
        cells: [
          { text: model },
          { text: series.label },
          ...cells.map(({ value, below }) => ({ text: value, below })),
        ],
      })),
    },
    about,
  );
}
