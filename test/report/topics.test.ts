import { describe, expect, test } from "vitest";
import { comparisonOf } from "../../src/compare/compare-results.ts";
import { withTableOne } from "../../src/library/table-one.ts";
import type { ReportedResults } from "../../src/report/reported-results.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { answerOf } from "../../src/report/topics/answer.ts";
import { aboutOf, topicsOf } from "../../src/report/topics/index.ts";
import { sampleCurves } from "./sample-curves.ts";
import { sampleDecode } from "./sample-decode.ts";
import { sampleLayers } from "./sample-layers.ts";
import { learnedAndTimed, learnedOnly } from "./sample-learned.ts";
import { sampleResults } from "./sample-results.ts";
import { sampleBackward, sampleTraining } from "./sample-training.ts";

const passes = withTableOne(sampleResults());
const steps = sampleDecode();
const first = sampleResults({ variants: 2, lengths: [256, 512] });

/** Files of every kind, by what they hold. */
const files: Readonly<Record<string, ReportedResults>> = {
  passes,
  "sixty variants": sampleResults({ variants: 60, lengths: [256, 512, 1024, 2048] }),
  steps,
  both: { ...steps, rows: [...sampleResults({ variants: 3 }).rows, ...steps.rows] },
  layers: sampleLayers(),
  training: sampleTraining(),
  gradients: sampleBackward(),
  curves: sampleCurves(),
  learned: learnedOnly(),
  "learned quickly": learnedOnly({ quick: true }),
  "several tasks learned": learnedOnly({ tasks: 3 }),
  "times and what was learned": learnedAndTimed(),
  "what failed": sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) }),
  "the second of two": { ...first, comparison: comparisonOf(first, first) },
};

function titlesOf(results: ReportedResults): readonly string[] {
  const about = aboutOf(results);
  return topicsOf(results).flatMap((topic) => (topic.details?.(about) ?? []).map(({ title }) => title));
}

describe.each(Object.entries(files))("the topics of %s", (_, results) => {
  const about = aboutOf(results);
  const topics = topicsOf(results);

  test("have ids of their own", () => {
    expect(new Set(topics.map(({ id }) => id)).size).toBe(topics.length);
  });

  test("answer in one sentence of at most 25 words", () => {
    const answers = topics.flatMap((topic) => (topic.id === "against" ? [] : (answerOf(topic, about) ?? [])));
    expect(answers.length).toBeGreaterThan(1);
    for (const answer of answers) {
      expect(answer).toMatch(/^[A-Z\d].*\.$/);
      // A name is one word, however many it has.
      expect(answer.replace(/full, (cached|recomputed)/g, "full").split(/\s+/).length, answer).toBeLessThan(
        26,
      );
    }
  });

  test("hold numbers only: nothing that could not be worked out", () => {
    const texts = topics.flatMap((topic) => [
      answerOf(topic, about) ?? "",
      ...(topic.details?.(about) ?? []).flatMap(({ page, summary }) => [page.text, summary?.text ?? ""]),
    ]);
    expect(texts.join()).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test("stand in the summary in the same order and words", () => {
    const summary = summaryMarkdown([{ results, charts: [] }], "title", null);
    const titles = topics.flatMap((topic) =>
      answerOf(topic, about) === null ? [] : [`### ${topic.title}\n`],
    );
    const places = titles.map((title) => summary.indexOf(title));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

test("nothing is lost that the page told before there were topics", () => {
  expect(titlesOf(passes)).toEqual(
    expect.arrayContaining([
      "The fastest at each length",
      "Time by length",
      "Exponents",
      "Table 1: what theory says",
      "Table 1: its values",
      "Limits at 4k",
      "Workspace by length",
      "Warnings",
      "All cases",
    ]),
  );
  expect(titlesOf(passes).filter((title) => title === "In full")).toHaveLength(5);
  expect(titlesOf(steps)).toEqual(
    expect.arrayContaining([
      "The fastest at each position",
      "Time per token, by position",
      "Growth per token",
      "Generating N tokens: the unfair and the fair ratio to softmax",
      "State by position",
    ]),
  );
  expect(titlesOf(files["what failed"])).toContain("Not measured");
  expect(titlesOf(files.layers)).toContain("What a faster attention is worth in the layer");
  expect(titlesOf(files["the second of two"])).toContain("Outcome");
  expect(titlesOf(files.both)).toContain("Decoding: a text from nothing: In full");
});

test("topics come in the order in which people ask", () => {
  const order = [
    "fastest",
    "pays",
    "training",
    "trade",
    "learned",
    "kernels",
    "parameters",
    "growth",
    "limit",
    "memory",
    "decoding",
    "layer",
    "patterns",
    "evidence",
    "cases",
  ];
  for (const results of Object.values(files)) {
    const ids = topicsOf(results)
      .map(({ id }) => id)
      .filter((id) => id !== "against");
    expect(ids).toEqual(order.filter((id) => ids.includes(id)));
  }
});

test("on random numbers the trade says that errors mean little, and on others it does not", () => {
  const meaning = "What errors on random numbers mean";
  expect(titlesOf(passes)).toContain(meaning);
  const text = { ...passes, rows: passes.rows.map((row) => ({ ...row, input: "text:" })) };
  expect(titlesOf(text)).not.toContain(meaning);
  const worse = {
    ...passes,
    rows: passes.rows.map((row) => ({ ...row, mean_fidelity_error: row.variant === "full" ? 0.8 : 0.3 })),
  };
  const trade = topicsOf(worse).find(({ id }) => id === "trade");
  expect(trade && answerOf(trade, aboutOf(worse))).toBe(
    "At 4k on random numbers, 6 of 6 are further from full than the mean of v (30 %): such errors rank nothing.",
  );
});
