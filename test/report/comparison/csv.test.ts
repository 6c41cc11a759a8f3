import { describe, expect, test } from "vitest";
import type { ComparedCell } from "../../../src/compare/comparison.ts";
import { cellsCsv, oneSidedCsv, workCsv } from "../../../src/report/comparison/csv.ts";
import { comparisonJson } from "../../../src/report/comparison/json-text.ts";
import { csvRows } from "../../record/csv-rows.ts";
import { unprintables } from "../hostile-results.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import { calmComparison, manyCells, sampleCell, sampleComparison, slower } from "./sample-comparison.ts";

test("a row a cell has every field of it, missing ones empty", () => {
  const cells = [
    slower,
    sampleCell({ params: { window: 64 }, detectable: null, time: { ratio: 1, low: null, high: null } }),
  ];
  expect(cellsCsv(calmComparison({ cells }))).toMatchInlineSnapshot(`
    "case,variant,kernel,length,batch,heads,head_dim,causal,threads,params,verdict,base_s,head_s,ratio,ratio_low,ratio_high,count,detectable,note,median_verdict,mean_verdict,mean_base_s,mean_head_s,mean_ratio,mean_ratio_low,mean_ratio_high,mean_detectable,mean_calls,mean_note
    stride/wasm/b1h4n1024d64,stride,wasm,1024,1,4,64,false,1,{},slower,0.001,0.0010523,1.0523,1.039,1.066,16,0.031,,slower,slower,0.0011,0.0011575300000000001,1.0523,1.039,1.066,0.042,108,
    local/wasm/b1h4n1024d64,local,wasm,1024,1,4,64,false,1,"{""window"":64}",same,0.001,0.001,1,,,16,,,same,same,0.0011,0.0011,1,,,0.042,108,
    "
  `);
});

test("a field that most cells have none of is a column behind all others, if a cell has it", () => {
  const header = (cells: readonly ComparedCell[]) => cellsCsv(calmComparison({ cells })).split("\n")[0];
  const mask = { left: 4, right: null, from: 0, to: null };
  const rare = [
    sampleCell({ mode: "decode", kv_heads: 2, value_dim: 16 }),
    sampleCell({ scale: 0.5, mask, queries: 1 }),
  ];
  expect(header(rare)).toBe(`${header([slower])},mode,scale,mask,kv_heads,queries,value_dim`);
  expect(csvRows(cellsCsv(calmComparison({ cells: rare })))).toMatchObject([
    { mode: "decode", scale: "", mask: "", kv_heads: "2", queries: "1024", value_dim: "16" },
    { mode: "forward", scale: "0.5", mask: "left=4", kv_heads: "4", queries: "1", value_dim: "64" },
  ]);
});

test("changed work and cells of one side are tables of their own", () => {
  expect(workCsv(sampleComparison())).toMatchInlineSnapshot(`
    "case,quantity,base,head,accepted
    stride/wasm/b1h4n1024d64,pairs,0,7,true
    stride/wasm/b1h4n1024d64,executed_flops,1048576,1048577,false
    "
  `);
  expect(oneSidedCsv(sampleComparison())).toMatchInlineSnapshot(`
    "case,side,broken,reason
    full/wasm/b1h4n1024d64,head,false,not in its plan
    linear/wasm/b1h4n256d64,base,true,"verification: row 7 must be 0.25, got 0.5"
    "
  `);
});

test("without rows the heads stay, and three hundred cells are three hundred rows", () => {
  expect(cellsCsv(calmComparison()).split("\n")).toHaveLength(2);
  expect(workCsv(calmComparison())).toBe("case,quantity,base,head,accepted\n");
  const rows = csvRows(cellsCsv(calmComparison({ cells: manyCells(300) })));
  expect(rows).toHaveLength(300);
  expect(rows.map((row) => row.case)).toEqual(manyCells(300).map((cell) => cell.case));
});

describe("of a hostile comparison", () => {
  test.each(attacks)("no text is a formula, and a row is a line: %j", (attack) => {
    const comparison = hostileComparison(attack);
    for (const [text, rows] of [
      [cellsCsv(comparison), 4],
      [workCsv(comparison), 2],
      [oneSidedCsv(comparison), 2],
    ] as const) {
      expect(unprintables(text)).toEqual([]);
      expect(text.split("\n")).toHaveLength(rows + 2);
      const read = csvRows(text);
      expect(read).toHaveLength(rows);
      for (const cell of read.flatMap((row) => Object.values(row))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
  });

  test.each(attacks)("JSON reads back as it was, and holds nothing that a terminal obeys: %j", (attack) => {
    const comparison = hostileComparison(attack);
    const text = comparisonJson(comparison);
    expect(unprintables(text)).toEqual([]);
    expect(JSON.parse(text)).toEqual({ schema: 1, ...comparison });
  });
});

test("JSON has the number of its form first, and every field under its own name", () => {
  const text = comparisonJson(sampleComparison());
  expect(text).toMatch(/^\{\n {2}"schema": 1,\n {2}"kind": "gate",\n/);
  expect(JSON.parse(text)).toEqual({ schema: 1, ...sampleComparison() });
});
