import { expect, test } from "vitest";
import { type CellFilter, cellFilter } from "../../src/compare/cell-filter.ts";
import { FailureError, UsageError } from "../../src/core/errors.ts";

const cells = ["full", "local"].flatMap((variant) =>
  ["js", "wasm"].flatMap((kernel) =>
    [256, 1024].map((length) => ({ case: `${variant}/${kernel}/n${length}`, variant, kernel, length })),
  ),
);

function chosen(filter: CellFilter): readonly string[] {
  return cells.filter(cellFilter(filter, cells)).map((cell) => cell.case);
}

test("without a filter all cells are looked at", () => {
  expect(chosen({})).toHaveLength(cells.length);
  expect(chosen({ cells: [] })).toHaveLength(cells.length);
});

test("a cell must pass every kind of filter, and one of the patterns", () => {
  expect(chosen({ variants: "local", kernel: "js", lengths: "1k" })).toEqual(["local/js/n1024"]);
  expect(chosen({ variants: " full , local ", lengths: "128..512" })).toEqual([
    "full/js/n256",
    "full/wasm/n256",
    "local/js/n256",
    "local/wasm/n256",
  ]);
  expect(chosen({ cells: ["full/*n256", "n1024"], kernel: "wasm" })).toEqual([
    "full/wasm/n256",
    "full/wasm/n1024",
    "local/wasm/n1024",
  ]);
});

test("a name that no cell has is refused, and the known ones are listed", () => {
  expect(() => chosen({ variants: "local,nope" })).toThrow(
    new UsageError("unknown variant 'nope'; expected one of full, local"),
  );
  expect(() => chosen({ kernel: "webgpu" })).toThrow(/unknown kernel 'webgpu'; expected one of js, wasm/);
  expect(() => chosen({ lengths: "x" })).toThrow(/--lengths: a length must be/);
});

test("a pattern that matches nothing among others that do is refused too", () => {
  expect(() => chosen({ cells: ["full", "fulll"] })).toThrow(FailureError);
  expect(() => chosen({ cells: ["full", "fulll"] })).toThrow(
    /--cells: must match a cell, got 'fulll'; a cell is named like 'full\/js\/n256'/,
  );
  expect(() => chosen({ cells: ["local"], variants: "full" })).toThrow(/--cells: must match a cell/);
});
