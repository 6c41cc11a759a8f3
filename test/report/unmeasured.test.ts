import { expect, test } from "vitest";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { unmeasuredLines } from "../../src/report/unmeasured.ts";
import { sampleResults } from "./sample-results.ts";

/** The lines of cases that are skipped, or failed, for the reasons given by variant. */
function linesFor(outcome: CaseLine["outcome"], reasons: Readonly<Record<string, string>>) {
  const { rows } = sampleResults({
    variants: 3,
    lengths: [256, 512],
    alter: (line) => (line.variant in reasons ? { ...line, outcome, reason: reasons[line.variant] } : line),
  });
  return unmeasuredLines(rows);
}

test("nothing is said where everything was measured", () => {
  expect(linesFor("skipped", {})).toEqual([]);
});

test("a reason is said once, with how many cases it is that of", () => {
  expect(linesFor("skipped", { full: "no device", local: "no device" })).toEqual([
    "skipped: 4 cases, full at 256, 512; local at 256, 512: no device",
  ]);
});

test("reasons for skipping that differ only in what was got are one, and keep what to do", () => {
  const reason = (got: string) => `it takes every pair, got ${got}; another takes any`;
  expect(linesFor("skipped", { full: reason("band(1, 2)"), local: reason("union(a, b)") })).toEqual([
    "skipped: 4 cases, full at 256, 512; local at 256, 512: it takes every pair, got band(1, 2) and others; another takes any",
  ]);
  // Another rule is another reason, and so is other advice.
  expect(linesFor("skipped", { full: "it takes a, got c", local: "it takes b, got c" })).toHaveLength(2);
  expect(linesFor("skipped", { full: "a, got c; do d", local: "a, got e; do f" })).toHaveLength(2);
});

test("what is wrong in a failed case is told to the last digit", () => {
  const reason = (got: number) => `row 7 must be 0.25, got ${got}`;
  expect(linesFor("failed", { full: reason(0.5), local: reason(0.75) })).toEqual([
    "failed: 2 cases, full at 256, 512: row 7 must be 0.25, got 0.5",
    "failed: 2 cases, local at 256, 512: row 7 must be 0.25, got 0.75",
  ]);
});
