import fc from "fast-check";
import { expect, test } from "vitest";
import { summaryTable } from "../../../src/report/tables/summary-table.ts";
import { hostileResults, hostileTraces } from "../hostile-results.ts";
import { sampleResults } from "../sample-results.ts";

test("where the width allows, a cell holds time, interval and speed-up", () => {
  expect(
    summaryTable(sampleResults({ variants: 3, lengths: [256, 512, 1024, 4096] }).rows, 120),
  ).toMatchInlineSnapshot(`
    "variant                  256                 512                  1k                 4k       slope  declared
    full     4.20 ms ±1%          16.9 ms ±3%         66.0 ms ±4%          1.08 s ±4%        2.00 ±0.03         2
    local    4.23 ms ±2% (0.99×)  8.47 ms ±3% (2.0×)  16.8 ms ±3% (3.9×)  67.7 ms ±3% (16×)  1.00 ±0.01         1
    stride    185 µs ±2%   (23×)   674 µs ±2%  (25×)  2.67 ms ±3%  (25×)  42.1 ms ±3% (26×)  1.96 ±0.09         2

    limits at 4k: ceiling of the machine, ideal speed-up over full
    variant  of ceiling  ideal  of ideal
    full            44%   1.0×      100%
    local           44%    16×      100%
    stride          44%    26×      100%"
  `);
});

test("in less width the speed-ups take a block of their own", () => {
  const text = summaryTable(sampleResults().rows, 100);
  expect(text).toMatchInlineSnapshot(`
    "variant             256          512           1k           2k           4k       slope  declared
    full        4.20 ms ±1%  16.9 ms ±3%  66.0 ms ±4%   269 ms ±4%   1.07 s ±2%  2.00 ±0.02         2
    local       4.25 ms ±3%  8.43 ms ±3%  16.9 ms ±3%  33.9 ms ±2%  67.3 ms ±2%  1.00 ±0.01         1
    stride       186 µs ±3%   678 µs ±3%  2.61 ms ±2%  10.5 ms ±3%  42.3 ms ±2%  1.96 ±0.06         2
    global      2.10 ms ±3%  4.23 ms ±2%  8.39 ms ±3%  16.8 ms ±4%  34.1 ms ±3%  1.00 ±0.01         1
    longformer  4.79 ms ±3%  9.48 ms ±2%  18.9 ms ±2%  38.1 ms ±2%  76.9 ms ±2%  1.00 ±0.02         1
    bigbird     7.40 ms ±2%  14.8 ms ±2%  29.7 ms ±4%  59.1 ms ±2%   117 ms ±2%  1.00 ±0.01         1
    linear      1.06 ms ±4%  2.14 ms ±4%  4.32 ms ±3%  8.46 ms ±3%  16.8 ms ±5%  0.99 ±0.02         1

    speed-up over full
    variant       256   512    1k    2k    4k
    local       0.99×  2.0×  3.9×  7.9×   16×
    stride        23×   25×   25×   26×   25×
    global       2.0×  4.0×  7.9×   16×   31×
    longformer  0.88×  1.8×  3.5×  7.1×   14×
    bigbird     0.57×  1.1×  2.2×  4.6×  9.2×
    linear       3.9×  7.9×   15×   32×   64×

    limits at 4k: ceiling of the machine, ideal speed-up over full
    variant     of ceiling  ideal  of ideal
    full               44%   1.0×      100%
    local              44%    16×      100%
    stride             44%    26×       99%
    global             44%    32×      100%
    longformer         44%    14×       99%
    bigbird            44%   9.1×      101%
    linear             45%    63×      101%"
  `);
});

test("failed and skipped cases keep their cell, and each reason is told once", () => {
  const { rows } = sampleResults({
    variants: 3,
    lengths: [256, 512],
    rounds: 3,
    alter: (line) =>
      line.variant === "stride"
        ? { ...line, outcome: "failed", reason: "verification: row 7 must be 0.25, got 0.5" }
        : line.variant === "local" && line.length === 512
          ? { ...line, outcome: "skipped", reason: "over the deadline" }
          : line,
  });
  expect(summaryTable(rows)).toMatchInlineSnapshot(`
    "variant             256      512  declared
    full     4.19 ms         16.8 ms         2
    local    4.17 ms (1.0×)  skipped         1
    stride    FAILED          FAILED         2

    limits at 256: ceiling of the machine, ideal speed-up over full
    variant  of ceiling  ideal  of ideal
    full            44%   1.0×      100%
    local           44%   1.0×      101%
    stride            –    26×         –

    no interval: it needs six rounds, got 3; raise --rounds or --budget
    failed: 2 cases, stride at 256, 512: verification: row 7 must be 0.25, got 0.5
    skipped: local at 512: over the deadline"
  `);
});

test("without the baseline there is no talk of speed-up, and without four lengths none of slopes", () => {
  const rows = sampleResults({ variants: 2, lengths: [256, 512] }).rows.filter(
    (row) => row.variant === "local",
  );
  expect(summaryTable(rows)).toMatchInlineSnapshot(`
    "variant          256          512  declared
    local    4.16 ms ±4%  8.46 ms ±4%         1

    limits at 512: ceiling of the machine, ideal speed-up over full
    variant  of ceiling  ideal  of ideal
    local           44%   2.0×      100%"
  `);
  expect(summaryTable([])).toBe("no case was run");
});

test("limits are told at the longest length at which a variant stands beside the baseline, and what is known of them", () => {
  const { rows } = sampleResults({
    variants: 2,
    lengths: [256, 512, 1024],
    alter: (line) =>
      line.variant === "full" && line.length === 1024
        ? { ...line, outcome: "skipped", reason: "over the budget" }
        : line,
  });
  expect(summaryTable(rows)).toContain("\nlimits at 512: ");
  const unknown = rows.map((row) => ({ ...row, percent_of_ceiling: null }));
  expect(summaryTable(unknown)).toContain("\nvariant  ideal  of ideal\n");
  const nothing = unknown.map((row) => ({ ...row, ideal_speedup: null, achieved_over_ideal: null }));
  expect(summaryTable(nothing)).not.toContain("limits");
});

test("no line of the table is longer than the width, whatever is in it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 70, max: 160 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(1, 3, 6),
      fc.boolean(),
      (width, lengths, variants, rounds, longNames) => {
        const { rows } = sampleResults({
          variants,
          rounds,
          lengths: Array.from({ length: lengths }, (_, index) => 100 * 2 ** index),
          alter: (line) => (longNames ? { ...line, variant: line.variant.repeat(50) } : line),
        });
        const lines = summaryTable(rows, width).split("\n");
        expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
        expect(lines.every((line) => line === line.trimEnd())).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test("every case's time is in the table once", () => {
  const { rows } = sampleResults({ variants: 20, lengths: [256, 512, 1024, 2048, 4096, 8192] });
  for (const width of [60, 100, 300]) {
    expect(summaryTable(rows, width).match(/±\S*%/g)).toHaveLength(120);
  }
});

test("hostile strings reach the terminal as printable text, on one line each", () => {
  const text = summaryTable(hostileResults().rows, 100);
  // Markup means nothing to a terminal; what it would obey is spelled out.
  expect(hostileTraces(text)).toEqual(["<script", "<img", "onerror=alert(2)>"]);
  expect(text).toContain("\\u{202e}");
  expect(text.split("\n").filter((line) => line.startsWith("failed: "))).toHaveLength(1);
});
