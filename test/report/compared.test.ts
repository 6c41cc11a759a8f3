import fc from "fast-check";
import { expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { comparedWith } from "../../src/report/charts/compared.ts";
import { hostileResults } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";

interface Cell {
  readonly variant: string;
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: string;
}

function cells(head: Results, base: Results): readonly Cell[] {
  const spec = comparedWith(base).spec(head) as { data: { values: Cell[] } } | null;
  return spec?.data.values ?? [];
}

/** The same file with every time multiplied. */
function slowed({ rows, ...results }: Results, factor: number): Results {
  const times = (row: Results["rows"][number]) => ({
    median_s: row.median_s && row.median_s * factor,
    low_s: row.low_s && row.low_s * factor,
    high_s: row.high_s && row.high_s * factor,
  });
  return { ...results, rows: rows.map((row) => ({ ...row, ...times(row) })) };
}

const sample = sampleResults({ variants: 4 });
const measured = sample.rows.filter(({ median_s }) => median_s !== null).length;

test("a file against itself changed nothing, whatever its intervals leave open", () => {
  const all = cells(sample, sample);
  expect(all.length).toBe(measured);
  for (const { ratio, low, high, verdict } of all) {
    expect(ratio).toBe(1);
    if (low !== null && high !== null) expect(low <= 1 && 1 <= high).toBe(true);
    expect(["same", "unresolved"]).toContain(verdict);
  }
});

test("a file that is slower throughout says so of every case, by how much, and never the opposite", () => {
  fc.assert(
    fc.property(fc.double({ min: 2, max: 1000, noNaN: true }), (factor) => {
      for (const { ratio, low, verdict } of cells(slowed(sample, factor), sample)) {
        expect(ratio / factor).toBeCloseTo(1, 9);
        expect(verdict).toBe(low === null ? "unresolved" : "slower");
      }
      for (const { high, verdict } of cells(slowed(sample, 1 / factor), sample)) {
        expect(verdict).toBe(high === null ? "unresolved" : "faster");
      }
    }),
    { numRuns: 20 },
  );
});

test("files that share no case have no chart, and say why", () => {
  const other = { ...sample, rows: sample.rows.map((row) => ({ ...row, case: `${row.case}/other` })) };
  expect(comparedWith(other).spec(sample)).toBeNull();
  expect(comparedWith(other).absent).toMatch(/nothing to compare/);
});

test("of many cases those are shown that changed most", () => {
  const rows = Array.from({ length: 200 }, (_, at) => ({
    ...sample.rows[0],
    case: `case ${at}`,
    length: at + 1,
  }));
  const base = { ...sample, rows };
  const head = {
    ...sample,
    rows: rows.map((row, at) => ({ ...row, median_s: (row.median_s ?? 1) * (1 + at) })),
  };
  const shown = cells(head, base);
  expect(shown.length).toBe(60);
  expect(Math.min(...shown.map(({ ratio }) => ratio))).toBeCloseTo(141, 6);
});

test("names from a file are data in it", () => {
  const hostile = hostileResults();
  expect(() => comparedWith(hostile).spec(hostile)).not.toThrow();
});
