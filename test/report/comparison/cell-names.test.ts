import { expect, test } from "vitest";
import { caseNames, namedCells } from "../../../src/report/comparison/cell-names.ts";
import { calmComparison, sampleCell } from "./sample-comparison.ts";

test("a name says variant and length, and what else tells cells apart", () => {
  const cells = [
    sampleCell({ params: { window: 64, seed: 0 } }),
    sampleCell({ params: { window: 128, seed: 0 } }),
    sampleCell({ kernel: "js", length: 300 }),
    sampleCell({ causal: true, threads: 4 }),
  ];
  expect(namedCells(cells).map(({ name }) => name)).toEqual([
    "local · not causal · 1 thread · window=64 · wasm at 1k",
    "local · not causal · 1 thread · window=128 · wasm at 1k",
    "local · not causal · 1 thread · js at 300",
    "local · causal · 4 threads · wasm at 1k",
  ]);
  expect(namedCells(cells.slice(0, 1)).map(({ name }) => name)).toEqual(["local at 1k"]);
});

test("a name says whether the past is kept or computed anew, and tells tokens from sequences", () => {
  const names = namedCells([
    sampleCell({ variant: "full", mode: "decode" }),
    sampleCell({ variant: "full", mode: "recompute" }),
    sampleCell({ mode: "decode" }),
  ]).map(({ name }) => name);
  expect(names).toEqual(["full, cached at 1k", "full, recomputed at 1k", "local at 1k"]);
  const both = namedCells([sampleCell(), sampleCell({ mode: "decode" })]).map(({ name }) => name);
  expect(both).toEqual(["local · a sequence at 1k", "local · a token at 1k"]);
});

test("a name tells gradients, and training, from forward passes", () => {
  const names = namedCells([
    sampleCell(),
    sampleCell({ mode: "backward" }),
    sampleCell({ mode: "train" }),
    sampleCell({ variant: "full", mode: "train" }),
  ]).map(({ name }) => name);
  expect(names).toEqual([
    "local at 1k",
    "local, backward at 1k",
    "local, forward and backward at 1k",
    "full, forward and backward at 1k",
  ]);
});

test("names differ also where cells do not, and where names were cut", () => {
  const long = "x".repeat(100);
  const cells = [
    sampleCell(),
    sampleCell(),
    sampleCell({ variant: `${long}a` }),
    sampleCell({ variant: `${long}b` }),
  ];
  expect(new Set(namedCells(cells).map(({ name }) => name)).size).toBe(4);
  expect(new Set(namedCells(cells).map(({ variant }) => variant)).size).toBe(3);
});

test("a case that is no cell goes by its own name, made safe", () => {
  const nameOf = caseNames(calmComparison({ cells: [sampleCell()] }));
  expect(nameOf(sampleCell().case)).toBe("local at 1k");
  expect(nameOf("full\u202e/js")).toBe("full\\u{202e}/js");
});
