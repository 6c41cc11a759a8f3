import { isBaseline } from "../../record/schema/baseline.ts";
import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { formatLength } from "../../text/format.ts";
import { isAgainstFull } from "../against.ts";
import { arena as arenaInWords } from "../answers/arena.ts";
import { cost, relative } from "../answers/cost.ts";
import { arena } from "../charts/arena.ts";
import { frontier } from "../charts/frontier.ts";
import { workloads } from "../charts/workloads.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";
import { ARENA_NOTE, arenaTable } from "../tables/arena-table.ts";
import { WORKLOAD_NOTE, workloadTable } from "../tables/workload-table.ts";
import { workloadErrors } from "../workloads.ts";
import { inFull, numbers, sentences, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** What speed costs in faithfulness to full attention. */
export const trade: Topic = {
  id: "trade",
  title: "The trade: speed against faithfulness",
  charts: [workloads, frontier, arena],
  answer: ({ series }) => onInputs(series) ?? onThisInput(series),
  details: (about) => [
    ...sentences("What errors on random numbers mean", meaning(about)),
    ...inFull(cost, about),
    ...workloadDetail(about),
    ...inFull(arenaInWords, about, "Long Range Arena's models in full"),
    ...arenaDetail(about),
  ],
};

/** On the inputs that are like real ones, of those the first. */
function onInputs(series: readonly Series[]): string | null {
  const found = workloadErrors(series);
  if (found === null) return null;
  const { inputs, rows } = found;
  const at = Math.max(
    0,
    inputs.findIndex(({ label }) => !isRandom(label)),
  );
  const known = rows
    .flatMap(({ series: one, errors }) => {
      const error = errors[at];
      return error === null ? [] : [{ one, error }];
    })
    .sort((a, b) => a.error - b.error);
  if (known.length === 0) return null;
  const [{ one, error }] = known;
  const { label, mean } = inputs[at];
  const nearer = known.filter((other) => other.error < mean).length;
  return `On ${label}, ${one.label} is nearest to full (${relative(error)}); ${nearer} of ${known.length} are nearer than the mean of v (${relative(mean)}).`;
}

/** On the input of the run, at the longest length with errors against full attention. */
function onThisInput(series: readonly Series[]): string | null {
  const others = series.filter((one) => !isBaseline(one));
  const near = (length: number) =>
    others
      .flatMap((one) => {
        const row = rowAt(one, length);
        return row?.outcome === "measured" && isAgainstFull(row)
          ? [{ one, row, error: row.fidelity_error ?? 0 }]
          : [];
      })
      .sort((a, b) => a.error - b.error);
  const length = lengthsOf(others).findLast((at) => near(at).length > 0);
  if (length === undefined) return null;
  const known = near(length);
  const [first, last] = [known[0], known[known.length - 1]];
  const random = isRandom(first.row.input) ? " on random numbers" : "";
  const intro = `At ${formatLength(length)}${random}`;
  const mean =
    known.find(({ row }) => typeof row.mean_fidelity_error === "number")?.row.mean_fidelity_error ?? null;
  if (mean === null) {
    return `${intro}, errors against full are ${relative(first.error)} (${first.one.label}) to ${relative(last.error)} (${last.one.label}).`;
  }
  const worse = known.filter(({ row }) => isWorseThanMean(row)).length;
  const sense = random !== "" && worse * 2 > known.length ? ": such errors rank nothing" : "";
  return `${intro}, ${worse} of ${known.length} are further from full than the mean of v (${relative(mean)})${sense}.`;
}

/** Kinds of inputs in which every key is as good as any other. */
function isRandom(input: string): boolean {
  return input === "gaussian" || input === "peaked";
}

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
