import { describe, expect, test } from "vitest";
import { comparisonText } from "../../../src/report/comparison/table.ts";
import { unprintables } from "../hostile-results.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import {
  calmComparison,
  manyCells,
  sampleComparison,
  sampleMean,
  slower,
  slowerInMean,
  unresolved,
} from "./sample-comparison.ts";

test("where the width allows, a gate's table has a row a cell with all of it", () => {
  expect(comparisonText(sampleComparison(), true, 100)).toMatchInlineSnapshot(`
    "Regressed. 1 of 4 cells slower, 1 faster, 1 unchanged, 1 unresolved; most: linear at 1k, 0.430× the time (0.420× … 0.440×). Also 1 broken, work changed in 1 cell.
      stride at 1k takes 5.2 % longer
      linear at 256 is broken

    base: ../main (0123456789ab)
    head: . (fedcba987654, with changes)
    Example CPU @ 3.00GHz; ✓ measured in turn, in 22 blocks; slow-downs from 3.1 % would show

    1 REGRESSED · 1 IMPROVED · 1 UNRESOLVED · 1 SAME
    variant  length  kernel     base     head  change         interval  could see     verdict
    stride       1k    wasm  1.00 ms  1.05 ms  +5.2 %    +3.9 … +6.6 %    ≥ 3.1 %   REGRESSED
    linear       1k    wasm  1.00 ms   430 µs  0.430×  0.420× … 0.440×    ≥ 3.1 %    IMPROVED
    bigbird      4k    wasm  1.00 ms  1.08 ms       ~  −10.0 … +29.0 %     ≥ 22 %  UNRESOLVED
    local        1k    wasm  1.00 ms  1.00 ms       ~    −0.6 … +0.9 %    ≥ 3.1 %        SAME

    mean of all calls     base     head  change         interval  could see    of costs on
    stride at 1k       1.10 ms  1.16 ms  +5.2 %    +3.9 … +6.6 %    ≥ 4.2 %  1 call in 108
    linear at 1k       1.10 ms   473 µs  0.430×  0.420× … 0.440×    ≥ 4.2 %  1 call in 108
    bigbird at 4k      1.10 ms  1.19 ms       ~  −10.0 … +29.0 %    ≥ 4.2 %  1 call in 108
    local at 1k        1.10 ms  1.10 ms       ~    −0.6 … +0.9 %    ≥ 4.2 %  1 call in 108

    too noisy to gate: bigbird at 4k

    geometric mean of 4 cells: −17.0 % (−20.0 … −14.0 %); less than 3 % is never called a change

    groups
    group   cells  geometric mean       interval
    local       1               ~  −0.6 … +0.9 %
    stride      1          +5.2 %  +3.9 … +6.6 %

    changed work
    case                quantity     base     head     change  accepted
    stride at 1k  executed flops  1048576  1048577  +0.0001 %        no
    stride at 1k           pairs        0        7          –       yes

    on one side only
      linear/wasm/b1h4n256d64: only in base: BROKEN: verification: row 7 must be 0.25, got 0.5
      full/wasm/b1h4n1024d64: only in head: not in its plan

    differences of the environments
      node: v26.10.0 → v26.11.0

    note: one block was void"
  `);
});

test("at first the verdict is told, what was compared and what changed; the table has the rest", () => {
  expect(comparisonText(sampleComparison(), false, 100)).toMatchInlineSnapshot(`
    "Regressed. 1 of 4 cells slower, 1 faster, 1 unchanged, 1 unresolved; most: linear at 1k, 0.430× the time (0.420× … 0.440×). Also 1 broken, work changed in 1 cell.
      stride at 1k takes 5.2 % longer
      linear at 256 is broken

    base: ../main (0123456789ab)
    head: . (fedcba987654, with changes)
    Example CPU @ 3.00GHz; ✓ measured in turn, in 22 blocks; slow-downs from 3.1 % would show

    variant  length  change         interval     base     head  could see    verdict
    stride       1k  +5.2 %    +3.9 … +6.6 %  1.00 ms  1.05 ms    ≥ 3.1 %  REGRESSED
    linear       1k  0.430×  0.420× … 0.440×  1.00 ms   430 µs    ≥ 3.1 %   IMPROVED

    geometric mean of 4 cells: −17.0 % (−20.0 … −14.0 %); less than 3 % is never called a change

    groups
    group   cells  geometric mean       interval
    local       1               ~  −0.6 … +0.9 %
    stride      1          +5.2 %  +3.9 … +6.6 %

    changed work
    case                quantity     base     head     change  accepted
    stride at 1k  executed flops  1048576  1048577  +0.0001 %        no
    stride at 1k           pairs        0        7          –       yes

    on one side only
      linear/wasm/b1h4n256d64: only in base: BROKEN: verification: row 7 must be 0.25, got 0.5
      full/wasm/b1h4n1024d64: only in head: not in its plan

    note: one block was void

    --table lists all 4 cells with their means, and 1 difference of the two sides"
  `);
});

test("of many changes each variant has one row, the weightiest, and it is said how many there are", () => {
  const text = comparisonText(sampleComparison({ cells: manyCells(300) }), false, 120);
  const rows = text.split("\n").filter((line) => line.startsWith("plugin-"));
  expect(rows).toHaveLength(10);
  expect(rows[0]).toMatch(/^plugin-\d+ {2,}256 {2}\+10\.\d % .* {2}REGRESSED {2,}\d$/);
  expect(text).toMatch(/^--table lists all 300 cells with their means, and 1 difference of the two sides$/m);
  const work = Array.from({ length: 40 }, () => sampleComparison().work[1]);
  expect(comparisonText(sampleComparison({ work }), false)).toContain("\n… 24 more: --table\n");
});

test("where nothing could be decided, what is not known is told at once", () => {
  const text = comparisonText(sampleComparison({ outcome: "inconclusive", cells: [unresolved] }), false);
  expect(text).toMatch(/^Inconclusive\. Whether any of 1 cell changed could not be determined\. Also/);
  expect(text).toMatch(/^bigbird {2,}4k {2,}~ .* UNRESOLVED$/m);
  expect(comparisonText(sampleComparison({ cells: [slower, unresolved] }), false)).not.toContain("bigbird");
});

test("in less width a cell is named by one column, which every block repeats", () => {
  expect(
    comparisonText(sampleComparison({ kind: "compare", work: [], oneSided: [] }), true, 60),
  ).toMatchInlineSnapshot(`
    "Regressed. 1 of 4 cells slower, 1 faster, 1 unchanged, 1 unresolved; most: linear at 1k, 0.430× the time (0.420× … 0.440×).
      stride at 1k takes 5.2 % longer
      linear at 256 is broken

    base: ../main (0123456789ab)
    head: . (fedcba987654, with changes)
    Example CPU @ 3.00GHz; ✓ measured in turn, in 22 blocks; slow-downs from 3.1 % would show

    1 slower · 1 faster · 1 unresolved · 1 same
    cell              base     head  change
    stride at 1k   1.00 ms  1.05 ms  +5.2 %
    linear at 1k   1.00 ms   430 µs  0.430×
    bigbird at 4k  1.00 ms  1.08 ms       ~
    local at 1k    1.00 ms  1.00 ms       ~

    cell                  interval  could see     verdict
    stride at 1k     +3.9 … +6.6 %    ≥ 3.1 %      slower
    linear at 1k   0.420× … 0.440×    ≥ 3.1 %      faster
    bigbird at 4k  −10.0 … +29.0 %     ≥ 22 %  unresolved
    local at 1k      −0.6 … +0.9 %    ≥ 3.1 %        same

    mean of all calls     base     head  change
    stride at 1k       1.10 ms  1.16 ms  +5.2 %
    linear at 1k       1.10 ms   473 µs  0.430×
    bigbird at 4k      1.10 ms  1.19 ms       ~
    local at 1k        1.10 ms  1.10 ms       ~

    mean of all calls         interval  could see    of costs on
    stride at 1k         +3.9 … +6.6 %    ≥ 4.2 %  1 call in 108
    linear at 1k       0.420× … 0.440×    ≥ 4.2 %  1 call in 108
    bigbird at 4k      −10.0 … +29.0 %    ≥ 4.2 %  1 call in 108
    local at 1k          −0.6 … +0.9 %    ≥ 4.2 %  1 call in 108

    too noisy to gate: bigbird at 4k

    geometric mean of 4 cells: −17.0 % (−20.0 … −14.0 %); less than 3 % is never called a change

    groups
    group   cells  geometric mean       interval
    local       1               ~  −0.6 … +0.9 %
    stride      1          +5.2 %  +3.9 … +6.6 %

    differences of the environments
      node: v26.10.0 → v26.11.0

    note: one block was void"
  `);
});

test("without a cell it says so, and leaves out what it has nothing of", () => {
  expect(comparisonText(calmComparison(), true)).toMatchInlineSnapshot(`
    "No cell was measured on both sides.

    base: ../main (0123456789ab)
    head: . (fedcba987654, with changes)
    Example CPU @ 3.00GHz; ✓ measured in turn, in 22 blocks

    no cell was measured on both sides"
  `);
});

test("where nothing was detected no column but the interval has a sign", () => {
  const unknown = { verdict: "unresolved", medianVerdict: "unresolved" } as const;
  const cells = manyCells(40).map((cell) => ({ ...cell, ...unknown, mean: sampleMean({ verdict: "same" }) }));
  const text = comparisonText(calmComparison({ cells }), true, 120);
  expect(text).toContain("40 unresolved\n");
  const rows = text.split("\n").filter((line) => line.startsWith("plugin-"));
  // One of its median, and one of its mean.
  expect(rows).toHaveLength(80);
  for (const row of rows) {
    expect(row.replace(/[+−]?[\d.]+ … [+−]?[\d.]+ %/, "")).not.toMatch(/[+−]/);
    expect(row).toMatch(/ {2}~ {2}/);
  }
});

test("three hundred cells are all there, the slowest first and what stayed the same last", () => {
  const text = comparisonText(sampleComparison({ cells: manyCells(300) }), true, 120);
  const rows = text
    .split("\n")
    .filter((line) => / (REGRESSED|IMPROVED|UNRESOLVED|SAME)$/.test(line) && !line.includes("·"));
  expect(rows).toHaveLength(300);
  const order = rows.map((row) =>
    ["REGRESSED", "IMPROVED", "UNRESOLVED", "SAME"].indexOf(row.split(" ").at(-1) ?? ""),
  );
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  const changes = rows.slice(0, 30).map((row) => Number(/\+([\d.]+) %/.exec(row)?.[1]));
  expect(changes).toEqual(changes.toSorted((a, b) => b - a));
  expect(text).toMatch(/^too noisy to gate: (plugin-\d+ at \w+(, |$)){30}/m);
});

test("of cells on one side those stand first that head has broken, and those that it mended are none of them", () => {
  const oneSided = [
    { case: "a/js", side: "head", reason: "failed: red", broken: true },
    { case: "b/js", side: "base", reason: "not in its plan", broken: false },
    { case: "c/js", side: "base", reason: "failed: red", broken: true },
  ] as const;
  expect(comparisonText(calmComparison({ oneSided }), true).split("\n").slice(-3)).toEqual([
    "  c/js: only in base: BROKEN: failed: red",
    "  a/js: only in head: failed: red",
    "  b/js: only in base: not in its plan",
  ]);
});

test("lines of tables keep to the width", () => {
  for (const width of [60, 80, 100, 140]) {
    const comparison = sampleComparison({ cells: manyCells(60), oneSided: [], remarks: [] });
    const prose = /^(too noisy|geometric|Regressed|Example CPU|--table)/;
    const lines = [true, false]
      .map((every) => comparisonText(comparison, every, width))
      .join("\n")
      .split("\n")
      .filter((line) => !prose.test(line));
    expect(Math.max(...lines.map((line) => [...line].length)), `${width}`).toBeLessThanOrEqual(width);
  }
});

describe("of a hostile comparison", () => {
  test.each(attacks)("no string is a line, a command or a terminal escape: %j", (attack) => {
    const plain = comparisonText(sampleComparison(), true, 100).split("\n").length * 2;
    for (const width of [100, 300]) {
      const text = [true, false]
        .map((every) => comparisonText(hostileComparison(attack), every, width))
        .join("\n");
      expect(unprintables(text)).toEqual([]);
      expect(text).not.toMatch(/^\s*::/m);
      expect(text).not.toContain("##[");
      expect(text).not.toContain("x".repeat(501));
      expect(text.split("\n").length).toBeLessThanOrEqual(2 * plain);
    }
  });
});

test("a cell that is slower is told as it was, and one that is unresolved has its note", () => {
  const text = comparisonText(sampleComparison({ cells: [slower, unresolved] }), true, 100);
  expect(text).toMatch(/^stride .* \+5\.2 % .* REGRESSED$/m);
  expect(text).toMatch(/^bigbird .* {2}~ .* ≥ 22 % {2}UNRESOLVED$/m);
  expect(text).toContain("\ntoo noisy to gate: bigbird at 4k\n");
});

test("a cell that is slower in the mean alone shows no change of its median, and that of its mean", () => {
  const text = comparisonText(sampleComparison({ cells: [slowerInMean] }), true, 100);
  expect(text).toMatch(/^longformer .* {2}~ .* REGRESSED$/m);
  expect(text).toMatch(/^longformer at 1k .* \+8\.1 % .* 1 call in 108$/m);
  expect(text).toContain(
    "\nslower in the mean, by costs on few calls: the median is the same: longformer at 1k\n",
  );
});
