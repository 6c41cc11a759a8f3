import { expect, test } from "vitest";
import { lengthsOf, rowAt, seriesOf, sharedSetting } from "../../src/report/series.ts";
import { sampleResults } from "./sample-results.ts";

const labels = (rows: Parameters<typeof seriesOf>[0]) => seriesOf(rows).map((one) => one.label);

test("one kernel in one setting: a series a variant, named by it alone", () => {
  const { rows } = sampleResults({ variants: 3 });
  expect(labels(rows)).toEqual(["full", "local", "stride"]);
  expect(lengthsOf(seriesOf(rows))).toEqual([256, 512, 1024, 2048, 4096]);
  expect(sharedSetting(rows)).toBe("not causal · batch 1 · 1 head · head dim 64 · 1 thread · input gaussian");
});

test("several kernels are named, and each is compared with the baseline by the same kernel", () => {
  const series = seriesOf(sampleResults({ variants: 2, kernels: ["js", "wasm"] }).rows);
  expect(series.map((one) => one.label)).toEqual(["full · js", "local · js", "full · wasm", "local · wasm"]);
  expect(series.map((one) => one.baseline?.label)).toEqual([
    "full · js",
    "full · js",
    "full · wasm",
    "full · wasm",
  ]);
});

test("settings that differ are named and never compared", () => {
  const rows = sampleResults({ variants: 2 }).rows.map((row) => ({
    ...row,
    causal: row.variant === "local",
    heads: row.variant === "local" ? 1 : 4,
  }));
  const series = seriesOf(rows);
  expect(series.map((one) => one.label)).toEqual(["full · not causal · 4 heads", "local · causal · 1 head"]);
  expect(series[1].baseline).toBeNull();
});

test("parameters that depend on the length stay in one series", () => {
  const rows = sampleResults({ variants: 2 }).rows.map((row) => ({
    ...row,
    params: { stride: Math.ceil(Math.sqrt(row.length)) },
  }));
  expect(labels(rows)).toEqual(["full", "local"]);
});

test("parameters that would share a cell make series of their own", () => {
  const { rows } = sampleResults({ variants: 2 });
  const other = rows.map((row) => ({ ...row, params: { ...row.params, window: 64 } }));
  expect(labels([...rows.slice(5), ...other.slice(5)])).toEqual(["local · window=128", "local · window=64"]);
});

test("of two cases alike the later counts", () => {
  const { rows } = sampleResults({ variants: 1, lengths: [256] });
  const [series] = seriesOf([rows[0], { ...rows[0], median_s: 42 }]);
  expect(series.rows).toHaveLength(1);
  expect(rowAt(series, 256)?.median_s).toBe(42);
  expect(rowAt(series, 512)).toBeUndefined();
  expect(rowAt(null, 256)).toBeUndefined();
});

test("names that are cut to the same beginning still get labels of their own", () => {
  const { rows } = sampleResults({ variants: 2, lengths: [256] });
  const long = rows.map((row) => ({ ...row, variant: "x".repeat(10_000) + row.variant }));
  const [first, second] = labels(long);
  expect(first).toBe(`${"x".repeat(32)}…`);
  expect(second).toBe(`${"x".repeat(32)}… (2)`);
});

test("a longest length with another declared exponent speaks for the series", () => {
  const rows = sampleResults({ variants: 1 }).rows.map((row) => ({
    ...row,
    exponent: row.length === 4096 ? 3 : 1,
  }));
  expect(seriesOf(rows)[0].exponent).toBe(3);
});
