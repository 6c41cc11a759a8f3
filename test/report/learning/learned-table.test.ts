import { expect, test } from "vitest";
import { learnedRows } from "../../../src/report/learning/learned-rows.ts";
import { untrainedLines } from "../../../src/report/learning/untrained-lines.ts";
import { learnedMarkdown, learnedTables, learnedText } from "../../../src/report/tables/learned-table.ts";
import { hostileTraces, unprintables } from "../hostile-results.ts";
import { learnedOnly, poisonedLearned, sampleLearned } from "../sample-learned.ts";

const rows = learnedRows(sampleLearned());

test("says what is measured, at which length, after how many steps, and what chance gives", () => {
  expect(learnedTables(rows).map(({ title }) => title)).toEqual([
    "Recall at 64 tokens after 800 steps, mqar; by chance 0.8 %",
  ]);
  expect(learnedTables(learnedRows(sampleLearned({ tasks: 3 })))).toHaveLength(3);
});

test("has every test seed, the rate with its edge, and what has not converged", () => {
  const lines = learnedText(rows, 200).split("\n");
  const line = (name: string) => lines.find((one) => one.startsWith(`${name} `))?.replace(/ {2,}/g, " | ");
  expect(line("retention")).toBe(
    "retention | 74 13 68 | 52 % | 100 % | 512 | 0.03, largest tried | – | 3 of 3 | 13.7k",
  );
  expect(line("local")).toBe("local | 2.0 2.4 1.9 | 2.1 % | 11 % | 1.02k | 0.01 | – | none | 13.7k");
  expect(line("sinkhorn")).toMatch(/^sinkhorn \| unsupported/);
  expect(lines.at(-1)).toBe(
    "sinkhorn: cannot be trained: has no dense twin: its sorting network is not differentiated here",
  );
});

test("says of a lost seed in which way it was lost", () => {
  const lost = learnedRows(
    sampleLearned({
      alter: (line) =>
        line.cell === "linear mqar" && line.role === "test" && line.seed === 2
          ? { ...line, outcome: "diverged", accuracy: null, reason: "no number" }
          : line,
    }),
  );
  expect(learnedText(lost, 200)).toMatch(/linear +89 diverged 87 /);
  expect(untrainedLines(lost)).toContain("linear: 1 test seed of 3 not trained: no number");
});

test("is no wider than the terminal: columns continue in further blocks", () => {
  const lines = learnedText(rows, 80).split("\n").slice(0, -1);
  for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
  expect(lines.filter((line) => line.startsWith("variant "))).toHaveLength(2);
});

test("is data in Markdown and harmless in a terminal, whatever names say", () => {
  const { learned } = poisonedLearned(learnedOnly());
  if (learned === undefined) throw new Error("the sample holds what was learned");
  const evil = learnedRows(learned);
  const [table] = learnedTables(evil);
  const markdown = learnedMarkdown(table).text;
  expect([hostileTraces(markdown), unprintables(markdown)]).toEqual([[], []]);
  expect(markdown.trim().split("\n")).toHaveLength(2 + evil.length);
  for (const line of markdown.trim().split("\n")) expect(line.match(/(?<!\\)\|/g)).toHaveLength(10);
  expect(unprintables(learnedText(evil))).toEqual([]);
});
