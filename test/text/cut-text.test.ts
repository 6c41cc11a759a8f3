import { expect, test } from "vitest";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { unitCharts } from "../../src/report/topics/index.ts";
import { cutName, cutText, named } from "../../src/text/cut-text.ts";
import { sampleResults } from "../report/sample-results.ts";

const charts = unitCharts("pass");

test("what is too long ends with a whole word, where it has words", () => {
  expect(cutText("one two; three four", 100)).toBe("one two; three four");
  expect(cutText("one two; three four", 13)).toBe("one two …");
  expect(cutText(`${"x".repeat(200)} y`, 150)).toBe(`${"x".repeat(149)}…`);
});

test("names in a sentence are counted beyond some", () => {
  expect(named(["a", "b", "c"], 2)).toBe("a, b, c");
  expect(named(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more");
});

const many = sampleResults({ variants: 67, lengths: [256, 512, 1024], rounds: 6 });

test("of 67 variants every sentence comes to its end, and every legend names all", () => {
  const summary = summaryMarkdown([{ results: many, charts: [] }], "Many", null);
  const sentences = summary.split("\n").filter((line) => line.startsWith("- ") && / /.test(line.slice(2)));
  expect(sentences.filter((line) => line.includes("…"))).toEqual([]);
  const limits = charts.flatMap((chart) => [
    ...JSON.stringify(chart.spec(many)).matchAll(/"symbolLimit":(\d+)/g),
  ]);
  expect(limits.length).toBeGreaterThan(0);
  // The baseline may be missing, where others are compared with it.
  for (const [, limit] of limits) expect(Number(limit)).toBeGreaterThanOrEqual(66);
});

test("a name is cut by characters, of which the last is then an ellipsis", () => {
  expect(cutName("local", 5)).toBe("local");
  expect(cutName("longformer", 5)).toBe("long…");
  // Whole characters, however many units of UTF-16 each has.
  expect(cutName("🐈🐈🐈", 2)).toBe("🐈…");
});
