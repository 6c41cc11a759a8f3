import { expect, test } from "vitest";
import { drawnSeries } from "../../src/report/charts/drawn-series.ts";
import { sampleResults } from "./sample-results.ts";

const appearance = ({ look, style }: ReturnType<typeof drawnSeries>[number]) =>
  `${look.color} ${look.shape} ${style}`;

test("a variant looks the same by every kernel, and a style tells them apart", () => {
  const series = drawnSeries(sampleResults({ variants: 2, kernels: ["js", "wasm"] }));
  expect(series.map(({ style }) => style)).toEqual(["js", "js", "wasm", "wasm"]);
  expect(series[0].look).toEqual(series[2].look);
  expect(new Set(series.map(appearance)).size).toBe(4);
});

test("the same variant with other parameters has a look of its own", () => {
  const { rows } = sampleResults({ variants: 2 });
  const wider = rows
    .filter(({ variant }) => variant === "local")
    .map((row) => ({ ...row, case: `wide ${row.case}`, params: { window: 512 } }));
  const series = drawnSeries({ rows: [...rows, ...wider] });
  expect(series.map(({ label }) => label)).toEqual(["full", "local · window=128", "local · window=512"]);
  expect(new Set(series.map(appearance)).size).toBe(3);
  expect(series[1].look).toEqual(drawnSeries({ rows })[1].look);
});

test("a single kernel in a single setting needs no style", () => {
  expect(drawnSeries(sampleResults()).map(({ style }) => style)).toEqual(Array(7).fill(""));
});

test("lines of one variant that look unlike leave the looks of the others as they are without them", () => {
  const { rows } = sampleResults({ variants: 9 });
  const wider = rows
    .filter(({ variant }) => variant === "plugin-1")
    .map((row) => ({ ...row, case: `wide ${row.case}`, params: { window: 512 } }));
  const series = drawnSeries({ rows: [...rows, ...wider] });
  const alone = new Map(drawnSeries({ rows }).map(({ variantLabel, look }) => [variantLabel, look]));
  for (const one of series.filter(({ label }) => !label.includes("512"))) {
    expect(alone.get(one.variantLabel), one.label).toEqual(one.look);
  }
  expect(new Set(series.map(appearance)).size).toBe(series.length);
});
