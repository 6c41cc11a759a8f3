import { expect, test } from "vitest";
import type { TableEntry } from "../../../src/core/table-one.ts";
import { withTableOne } from "../../../src/library/table-one.ts";
import type { Results } from "../../../src/record/case-row.ts";
import { seriesOf } from "../../../src/report/series.ts";
import { summaryMarkdown } from "../../../src/report/summary-markdown.ts";
import { tableOneOf } from "../../../src/report/tables/table-one.ts";
import { growth } from "../../../src/report/topics/growth.ts";
import { aboutOf } from "../../../src/report/topics/index.ts";
import { hostile, hostileTraces } from "../hostile-results.ts";
import { sampleResults } from "../sample-results.ts";

const sample = withTableOne(sampleResults());

function pageOf(results: Results): string {
  const details = growth.details?.(aboutOf(results)) ?? [];
  return details.flatMap(({ title, page }) => (title.startsWith("Table 1") ? [page.text] : [])).join("");
}

const summaryOf = (results: Results) => summaryMarkdown([{ results, charts: [] }], "Title", null);

test("every variant has its formulas, its values at each length, and the exponent that its time grew by", () => {
  const { lengths, rows = [] } = tableOneOf(seriesOf(sample.rows), sample) ?? {};
  expect(lengths).toEqual([256, 512, 1024, 2048, 4096]);
  const local = rows.find(({ series }) => series.variant === "local");
  expect(local?.values.map(({ path }) => path)).toEqual(["2 ✓", "4 ✓", "8 ✓", "16 (✓)", "32 (✓)"]);
  expect(local?.values.every(({ sequential }) => sequential === "1")).toBe(true);
  expect(local?.measured).toMatch(/^N\^(0\.9\d|1\.0\d) ± 0\.\d\d$/);
  expect(local?.declared).toBe("N^1");
  const page = pageOf(sample);
  for (const text of ["N(2w + 1)d", "w = 128", "⌈(N − 1)/w⌉", "N²d/s", "∞ ✓", "Nmd", "m = d"])
    expect(page).toContain(text);
  expect(page.match(/<tr data-series=/g)).toHaveLength(14);
  expect(page).not.toContain("✗");
  const summary = summaryOf(sample);
  expect(summary).toContain("<summary>Table 1: what theory says</summary>");
  expect(summary).toMatch(
    /\| local \| N\(2w \+ 1\)d \(w = 128\) \| 1 \| ⌈\(N − 1\)\/w⌉ \| [\d.]+M · 1 · 32 \(✓\) \| N\^1 \| N\^/,
  );
});

test("the values are those of each case, whose parameters may differ with its length", () => {
  const window = (length: number) => ({ window: length / 256, left: null, right: null });
  const results = withTableOne(
    sampleResults({
      variants: 2,
      alter: (line) => ({ ...line, params: line.variant === "local" ? window(line.length) : {} }),
    }),
  );
  const { rows = [] } = tableOneOf(seriesOf(results.rows), results) ?? {};
  const local = rows.find(({ series }) => series.variant === "local");
  expect(local?.entry.perLayer[0].letters).toEqual({ w: 16 });
  expect(local?.values[1].path).toBe(`${Math.ceil(511 / 2)} ✓`);
});

test("there is no table where no variant is known, and no row of one that is not", () => {
  expect(pageOf(sampleResults())).toBe("");
  expect(summaryOf(sampleResults())).not.toContain("Table 1");
  const some = withTableOne(sampleResults({ variants: 9 }));
  expect(tableOneOf(seriesOf(some.rows), some)?.rows).toHaveLength(7);
});

test("a formula that disagrees with the search is shown to, and one that nobody knows is a dash", () => {
  const altered = (alter: (entry: TableEntry) => TableEntry): Results => ({
    ...sample,
    tableOne: sample.tableOne?.map(alter) ?? [],
  });
  const wrong = altered((entry) => ({
    ...entry,
    path: [{ text: "3", values: entry.path[0].values.map((one) => ({ ...one, value: 3 })) }],
  }));
  expect(pageOf(wrong)).toContain("3 ✗ 8");
  const silent = altered((entry) => ({ ...entry, perLayer: [], sequential: [], path: [], searches: [] }));
  expect(pageOf(silent)).toContain('<td class="text formula"><span class="way">–</span></td>');
  expect(pageOf(silent)).toContain('<td>–<span class="gain">– · –</span></td>');
});

test("what a stranger declared is text, cut and escaped", () => {
  const evil: Results = {
    ...sample,
    tableOne:
      sample.tableOne?.map((entry) => {
        const cell = { text: hostile, as: hostile, letters: { [hostile]: hostile }, values: [] };
        return { ...entry, perLayer: [cell], sequential: [cell, cell], path: [cell] };
      }) ?? [],
  };
  for (const text of [pageOf(evil), summaryOf(evil)]) {
    expect(hostileTraces(text)).toEqual([]);
    expect(text.length).toBeLessThan(60_000);
  }
});
