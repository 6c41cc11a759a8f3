import { expect, test } from "vitest";
import { rankingText } from "../../../src/report/tables/ranking-text.ts";
import { hostileResults, unprintables } from "../hostile-results.ts";
import { sampleDecode } from "../sample-decode.ts";
import { sampleResults } from "../sample-results.ts";

test("a run ends with the fastest at the longest length, and below it every variant there", () => {
  expect(`\n${rankingText(sampleResults({ variants: 3, noise: 0 }), 120)}\n`).toMatchInlineSnapshot(`
    "
    Fastest at 4k: stride, 42.0 ms, 26× as fast as full.

    variant            time    × over full  pays from           grows as  decoding keeps    memory    error
    stride   42.0 ms ±<0.1%            26×      ≤ 256  N^1.96 ± 0.05 (2)           grows  64.0 KiB     40 %
    local    67.4 ms ±<0.1%            16×        257  N^1.00 ± 0.01 (1)        constant  64.0 KiB     40 %
    full      1.07 s ±<0.1%  1.0× baseline          –  N^2.00 ± 0.01 (2)           grows  64.0 KiB  < 0.1 %
    "
  `);
});

test("what is not ranked at the longest length is told with the reason", () => {
  const text = rankingText(
    sampleResults({
      variants: 3,
      lengths: [256, 512],
      alter: (line) =>
        line.variant === "stride" && line.length === 512
          ? { ...line, outcome: "failed", reason: "wrong" }
          : line,
    }),
  );
  expect(text.split("\n").at(-1)).toBe("not ranked: failed: stride");
  expect(text).not.toMatch(/^stride/m);
});

test("lines are never wider than asked for: columns that do not fit are left to the report", () => {
  const results = [sampleResults({ kernels: ["js", "wasm"], variants: 12 }), sampleDecode()];
  for (const one of results) {
    const heads = [140, 100, 80, 60, 40].map((width) => {
      const lines = rankingText(one, width).split("\n").slice(2);
      expect(lines.filter((line) => [...line].length > width)).toEqual([]);
      return lines[0];
    });
    expect(heads[0]).toMatch(/decoding keeps/);
    expect(heads[2]).not.toMatch(/decoding keeps/);
    expect(heads[2]).toMatch(/pays from/);
  }
});

test("passes and steps of one file have a ranking each, and a file without cases says so", () => {
  const passes = sampleResults({ variants: 2 });
  const both = { ...passes, rows: [...passes.rows, ...sampleDecode({ variants: 2 }).rows] };
  expect(rankingText(both).match(/^Fastest at (position )?\S+: /gm)).toEqual([
    "Fastest at 4k: ",
    "Fastest at position 64k: ",
  ]);
  expect(rankingText({ ...passes, rows: [] })).toBe("no case was run");
  const none = passes.rows.map((row) => ({ ...row, outcome: "skipped" as const }));
  expect(rankingText({ ...passes, rows: none })).toBe("nothing was measured");
});

test("names in the ranking cannot obey a terminal", () => {
  expect(unprintables(rankingText(hostileResults()).replaceAll("\n", ""))).toEqual([]);
});
