import { formatLength } from "../../text/format.ts";
import { lettersOf, lettersText, TABLE_NOTE, TABLE_TITLE, waysText } from "../../text/table-one.ts";
import { theory } from "../answers/theory.ts";
import { tokenTheory } from "../answers/token-theory.ts";
import { bothWays } from "../charts/both-ways.ts";
import { exponents } from "../charts/exponents.ts";
import { pairs } from "../charts/pairs.ts";
import { work } from "../charts/work.ts";
import { exponentText, type Growth, growthOverRounds, isHiddenQuadratic } from "../growth.ts";
import { power } from "../power.ts";
import { tableOneOf } from "../tables/table-one.ts";
import { tokenExponentText, tokenGrowth } from "../token-growth.ts";
import { inFull, numbers, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** Whether time grows with length as theory says. */
export const growth: Topic = {
  id: "growth",
  title: "Does it grow as theory says?",
  charts: [exponents("N", "exponents"), work, pairs, bothWays],
  answer: "growth",
  details: (about) => [
    ...inFull((series, times) => theory(series.map((one) => growthOverRounds(one, times))), about),
    ...exponentTable(about),
    ...tableOne(about),
  ],
};

/** Whether the time of a token grows with its position as theory says. */
export const tokenGrowthTopic: Topic = {
  ...growth,
  charts: [exponents("P", "token-exponents")],
  answer: "tokenGrowth",
  details: (about) => [...inFull(tokenTheory, about), ...tokenExponentTable(about), ...tableOne(about)],
};

/** Series by exponent: fitted on time and on work over all lengths and over the upper half, and declared. */
function exponentTable(about: TopicResults): readonly Detail[] {
  const heads = ["fitted on time", "on work", "upper half", "on time", "on executed work", "declared"];
  return tableDetail(
    {
      title: "Exponents",
      note: "Least-squares exponents of length with 95 % intervals, over all lengths and over the longest half of them, where a term hidden at first shows; no fit from fewer than four lengths.",
      heads: [...words("variant"), ...numbers(heads), ...words("verdict")],
      rows: about.series.map((one) => exponentRow(growthOverRounds(one, about.times))),
    },
    about,
  );
}

function exponentRow(growth: Growth) {
  const { series, time, work: ofWork, upper, declared } = growth;
  const steep = isHiddenQuadratic(growth);
  const cells = [
    { text: series.label },
    { text: time === null ? "–" : exponentText(time), sort: time?.slope ?? null },
    { text: ofWork === null ? "–" : power(ofWork.slope), sort: ofWork?.slope ?? null },
    {
      text: upper === null ? "–" : `${formatLength(upper.from)} to ${formatLength(upper.to)}`,
      sort: upper?.from ?? null,
    },
    { text: upper === null ? "–" : exponentText(upper.time), sort: upper?.time.slope ?? null },
    { text: upper === null || upper.work === null ? "–" : power(upper.work), sort: upper?.work ?? null },
    { text: `N^${declared}`, sort: declared },
    {
      text: time === null ? "no fit" : steep ? "steeper than declared" : "not steeper",
      tone: steep ? "failed" : "",
    },
  ];
  return { series, cells };
}

/** How the time of a token grows with its position, fitted past a window's end if there is one. */
function tokenExponentTable(about: TopicResults): readonly Detail[] {
  return tableDetail(
    {
      title: "Growth per token",
      note: "Least-squares exponents of position P with 95 % intervals. If the keys of a token stop growing, as past a window, the fit begins there.",
      heads: [...words("variant"), ...numbers(["fitted on time", "positions", "declared"])],
      rows: about.series.map((series) => {
        const { time, from, declared } = tokenGrowth(series, about.times);
        return {
          series,
          cells: [
            { text: series.label },
            { text: time === null ? "–" : tokenExponentText(time), sort: time?.slope ?? null },
            { text: from === null ? "all" : `from ${formatLength(from)}`, sort: from ?? 0 },
            { text: `P^${declared}`, sort: declared },
          ],
        };
      }),
    },
    about,
  );
}

/** Table 1 of Vaswani et al.: formulas, and their values. */
function tableOne(about: TopicResults): readonly Detail[] {
  const table = tableOneOf(about.series, about.results);
  if (table === null) return [];
  const { lengths, rows } = table;
  const last = lengths.length - 1;
  return [
    ...tableDetail(
      {
        title: TABLE_TITLE,
        note: TABLE_NOTE,
        heads: [
          ...words(
            "variant",
            "complexity per layer and head",
            "sequential operations",
            "maximum path length",
          ),
          ...numbers([`at ${formatLength(lengths[last])}`, "declared", "time grows as"]),
        ],
        rows: rows.map(({ series, entry, values, declared, measured }) => ({
          series,
          cells: [
            { text: series.label },
            formulas(entry.perLayer),
            formulas(entry.sequential, lettersOf(entry)),
            formulas(entry.path, lettersOf(entry)),
            { text: [values[last].perLayer, values[last].sequential, values[last].path].join(" · ") },
            { text: declared },
            { text: measured },
          ],
        })),
      },
      about,
    ),
    ...tableDetail(
      {
        title: "Table 1: its values",
        note: "Complexity, and below it sequential operations · path length.",
        heads: [...words("variant"), ...numbers(lengths.map(formatLength))],
        rows: rows.map(({ series, values }) => ({
          series,
          cells: [
            { text: series.label },
            ...values.map(({ perLayer, sequential, path }) => ({
              text: perLayer,
              below: `${sequential} · ${path}`,
            })),
          ],
        })),
      },
      about,
    ),
  ];
}

/** One way a line, and below them what the letters stand for that are not known yet. */
function formulas(...[cells, known = {}]: Parameters<typeof lettersText>) {
  return { text: waysText(cells), below: lettersText(cells, known), tone: "formula" };
}
