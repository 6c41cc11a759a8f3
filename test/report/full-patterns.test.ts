import { expect, test } from "vitest";
import { fullPatterns } from "../../src/report/full-patterns.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { summaryTable } from "../../src/report/tables/summary-table.ts";
import { sampleResults } from "./sample-results.ts";

const told = "bigbird at 256: every query attends every key, as in full attention; a sparse variant";
const results = (causal: boolean, pairs: (length: number) => number) =>
  sampleResults({
    alter: (line) => ({
      ...line,
      causal,
      ...(line.variant === "bigbird" && line.length === 256 && { pairs: pairs(line.length) }),
    }),
  });

test.each([
  [false, (length: number) => length * length],
  [true, (length: number) => (length * (length + 1)) / 2],
])("a variant that attends as much as full is told beside the table, causal %s", (causal, pairs) => {
  const full = results(causal, pairs);
  expect(summaryTable(full.rows, 200)).toContain(told);
  expect(summaryMarkdown([{ results: full, charts: [] }], "Title", null)).toContain(told);
  expect(fullPatterns(full.rows)).toHaveLength(1);
});

test("one that leaves out a single pair is none, nor is full itself", () => {
  expect(fullPatterns(results(false, (length) => length * length - 1).rows)).toEqual([]);
  expect(fullPatterns(results(true, (length) => length * length).rows)).toEqual([]);
});
