import { expect, test } from "vitest";
import { comparisonOf } from "../../src/compare/compare-results.ts";
import type { Comparison } from "../../src/compare/comparison.ts";
import type { Results } from "../../src/record/case-row.ts";
import { comparedCharts } from "../../src/report/charts/compared.ts";
import { comparedFacts, comparedTitle } from "../../src/report/compared-facts.ts";
import { hostileResults, unprintables } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";

interface Cell {
  readonly series: string;
  readonly panel: string;
  readonly variant: string;
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: string;
}

function cellsDrawn(head: Results, comparison: Comparison): readonly Cell[] {
  const spec = comparedCharts(comparison)[0].spec(head) as { data: { values: Cell[] } } | null;
  return spec?.data.values ?? [];
}

const sample = sampleResults({ variants: 4, rounds: 12 });
const slower: Results = {
  ...sample,
  rows: sample.rows.map((row) => ({ ...row, median_s: row.median_s && row.median_s * 2 })),
  rounds: sample.rounds.map((round) => ({ ...round, samples: round.samples.map((sample) => sample * 2) })),
};

test("the chart shows every compared cell with the verdict and interval of the comparison", () => {
  const comparison = comparisonOf(sample, slower);
  const drawn = cellsDrawn(slower, comparison);
  const told = ({ ratio, low, high, verdict }: Omit<Cell, "series" | "panel" | "variant">) =>
    JSON.stringify([ratio, low, high, verdict]);
  expect(drawn.map(told).sort()).toEqual(
    comparison.cells.map(({ time, verdict }) => told({ ...time, verdict })).sort(),
  );
  expect(new Set(drawn.map(({ verdict }) => verdict))).toEqual(new Set(["slower"]));
  expect(drawn).toContainEqual(expect.objectContaining({ series: "full", panel: "256", variant: "full" }));
});

test("files that share no case have no chart, and say why", () => {
  const other = { ...sample, rows: [], rounds: [] };
  const [chart] = comparedCharts(comparisonOf(other, sample));
  expect(chart.spec(sample)).toBeNull();
  expect(chart.absent).toMatch(/nothing to compare/);
});

test("of many rows those that changed most are seen, and all are folded", () => {
  const comparison = comparisonOf(sample, slower);
  const [cell] = comparison.cells;
  const cells = Array.from({ length: 60 }, (_, at) => ({
    ...cell,
    case: `case ${at}`,
    time: { ratio: 1 + at, low: null, high: null },
  }));
  const many = { ...comparison, cells };
  const shown = cellsDrawn(slower, many);
  expect(shown.length).toBe(16);
  expect(Math.min(...shown.map(({ ratio }) => ratio))).toBe(45);
  const [, all] = comparedCharts(many);
  expect(all.concerns?.(slower)).toBe(true);
  expect(comparedCharts(comparison)[1].concerns?.(slower)).toBe(false);
  expect(JSON.stringify(all.spec(slower)).match(/"ratio":\d/g)).toHaveLength(60);
});

test("what is said of a comparison names its outcome, its mean, its work, its sides and its differences", () => {
  const { run, ...head } = sampleResults({
    variants: 4,
    rounds: 12,
    alter: (line) =>
      line.length === 256
        ? { ...line, outcome: "failed", reason: "verification: row 3" }
        : { ...line, executed_flops: (line.length === 1024 ? 4 : 2) * (line.executed_flops ?? 0) },
  });
  const environment = { ...run.environment, cpu: "Another CPU" };
  const said = comparedFacts(comparisonOf(sample, { ...head, run: { ...run, environment } }));
  const text = said.map(({ title, items }) => `${title}: ${items.join("\n")}`).join("\n");
  expect(said.map(({ title }) => title)).toEqual([
    "Outcome",
    "Changed work",
    "On one side only",
    "What the two sides do not share",
    "Before believing it",
  ]);
  for (const part of [
    /4 broken; work changed in 16/,
    /geometric mean of the ratios: ~ \(/,
    /executed flops in 16 cells, most in .* at 1k: .* → .* \(4\.00×\)/,
    /broken in head: full\/js\/256, .* \(failed: verification: row 3\)/,
    /cpu: Example CPU @ 3\.00GHz against Another CPU/,
    /measured in two places, whose cpu differ/,
    /weak evidence/,
  ]) {
    expect(text).toMatch(part);
  }
});

test("names from a file are data in the chart and in what is said", () => {
  const hostile = hostileResults();
  const comparison = comparisonOf(hostile, hostile);
  expect(() => comparedCharts(comparison)[0].spec(hostile)).not.toThrow();
  expect(unprintables(comparedTitle(comparison))).toEqual([]);
});
