import { expect, test } from "vitest";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { fullPatterns } from "../../src/report/full-patterns.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { summaryTable } from "../../src/report/tables/summary-table.ts";
import { sampleResults } from "./sample-results.ts";

const told = "bigbird at 256: every query attends every key, as in full attention; a sparse variant";
const results = (causal: boolean, pairs: (length: number) => number, other: Partial<CaseLine> = {}) =>
  sampleResults({
    alter: (line) => ({
      ...line,
      causal,
      ...(line.variant === "bigbird" &&
        line.length === 256 && { pairs: pairs(line.length), fidelity_error: 2e-7, ...other }),
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

test.each([
  ["approximates nothing, such as a synthesizer", { fidelity_error: null }],
  ["weighs the same pairs otherwise, such as alibi", { fidelity_error: 0.2 }],
  [
    "is measured against something else, such as rope",
    { fidelity_against: "full attention of turned q and k" },
  ],
])("what %s is not full attention, however many pairs it has", (_, other) => {
  expect(fullPatterns(results(false, (length) => length * length, other).rows)).toEqual([]);
});
