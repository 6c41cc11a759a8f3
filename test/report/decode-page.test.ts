import { expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { drawCharts } from "../../src/report/drawings.ts";
import { renderPage } from "../../src/report/page/page.ts";
import { unitCharts } from "../../src/report/topics/index.ts";
import { hostileDecode, hostileTraces, unprintables } from "./hostile-results.ts";
import { partsOf } from "./page-parts.ts";
import { sampleDecode } from "./sample-decode.ts";
import { sampleResults } from "./sample-results.ts";

const decodeCharts = unitCharts("step");

async function pageOf(results: Results): Promise<string> {
  return renderPage([await drawCharts(results)]);
}

test("a page of steps holds their charts, tables and answers, and nothing of forward passes", async () => {
  const { markup } = partsOf(await pageOf(sampleDecode()));
  expect(markup.match(/<svg role="img" aria-label="/g)).toHaveLength(decodeCharts.length);
  for (const text of [
    "<summary>Time per token, by position</summary>",
    "<summary>Generating N tokens: the unfair and the fair ratio to softmax</summary>",
    "linear, in the paper",
    "arXiv 2006.16236",
    "Faster per token than full, cached (softmax with a key-value cache)",
    "over full, cached",
    "of bandwidth",
    ">prefill<",
    "24.0 KiB (L1d) 83.8 GiB/s",
  ]) {
    expect(markup).toContain(text);
  }
  expect(markup).not.toMatch(/one call|sequence length|of ideal|of ceiling|longest length|by length|N\^/);
});

test("a page of both has the sections of each, with ids of their own", async () => {
  const [forwards, steps] = [sampleResults({ variants: 3 }), sampleDecode({ variants: 3 })];
  const both = { ...steps, rows: [...forwards.rows, ...steps.rows] };
  const { markup } = partsOf(await pageOf(both));
  for (const text of ["Time by length", "Time per token, by position", "The fastest at each length"]) {
    expect(markup).toContain(text);
  }
  const ids = markup.match(/ id="[^"]*"/g) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
});

test("every string of a file of steps is data", async () => {
  const { markup } = partsOf(await pageOf(hostileDecode()));
  expect(hostileTraces(markup)).toEqual([]);
  expect(unprintables(markup.replaceAll("\ufffe", ""))).toEqual([]);
});

test.each([
  ["no baseline", { ...sampleDecode(), rows: sampleDecode().rows.filter((row) => row.variant !== "full") }],
  ["one position", sampleDecode({ positions: [512], rounds: 2 })],
  ["no recomputing and no read rates", sampleDecode({ recomputed: 0, readRates: false })],
  ["nothing measured", sampleDecode({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) })],
] as const)("a page is made of what there is: %s", async (_, results) => {
  const { markup } = partsOf(await pageOf(results));
  expect(markup).not.toMatch(/NaN|undefined|Infinity/);
  expect(markup).toContain("Time per token, by position");
});
