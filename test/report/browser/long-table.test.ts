import { expect, test } from "vitest";
import { countOf, matches } from "../../../src/report/browser/long-table.ts";
import { cellsAsCsv } from "../../../src/report/browser/table-csv.ts";

test("a row is found by all words of the query, in whatever case and order", () => {
  expect(
    ["local wasm", "WASM loc", " ", "wasm js"].map((query) => matches("Local · wasm 4k", query)),
  ).toEqual([true, true, true, false]);
  expect(matches(null, "x")).toBe(false);
});

test("above a table stands which rows are seen, of how many found, of how many there are", () => {
  expect(countOf({ first: 1, seen: 25, found: 640, open: 640 })).toBe("1–25 of 640");
  expect(countOf({ first: 26, seen: 25, found: 60, open: 640 })).toBe("26–50 of 60 found of 640");
  expect(countOf({ first: null, seen: 3, found: 3, open: 640 })).toBe("3 found of 640");
  expect(countOf({ first: null, seen: 40, found: 40, open: 40 })).toBe("all 40");
});

const cell = (textContent: string, dataset: { sort?: string; unit?: string } = {}, colSpan = 1) => ({
  textContent,
  dataset,
  colSpan,
});

test("a table is downloaded as it reads, columns with a unit as numbers, missing ones empty", () => {
  const heads = [cell("variant"), cell("median", { unit: "s" }), cell("grows\n as")];
  const rows = [
    { cells: [cell("local, wasm"), cell("1.07 ms", { sort: "0.00107" }), cell('N^1 "±" 0', { sort: "1" })] },
    { cells: [cell("full"), cell("–", { sort: "" }), cell("–")] },
    { cells: [cell("odd"), cell("failed: red", {}, 2)] },
  ];
  expect(cellsAsCsv(heads, rows)).toBe(
    'variant,median (s),grows as\n"local, wasm",0.00107,"N^1 ""±"" 0"\nfull,,–\nodd,failed: red,\n',
  );
});

test("no text of a results file is a formula to a spreadsheet, and numbers stay numbers", () => {
  const texts = ["=1+1", "+x", "-2", "@SUM(A1)", "-x", "a=1"];
  const csv = cellsAsCsv([], [{ cells: texts.map((text) => cell(text)) }]);
  expect(csv).toBe("\n'=1+1,'+x,-2,'@SUM(A1),'-x,a=1\n");
});
