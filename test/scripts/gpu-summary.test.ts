import { describe, expect, test } from "vitest";
import { reachedOf, summaryLines, TARGETS } from "../../scripts/gpu-summary.ts";
import type { CaseRow, Results } from "../../src/record/case-row.ts";
import { sampleResults } from "../report/sample-results.ts";

const sample = sampleResults({ variants: 2, lengths: [4096, 8192] });

/** The sample with its rows as if kernel webgpu had made them. */
function onDevice(change: (row: CaseRow) => Partial<CaseRow>): Results {
  return {
    ...sample,
    rows: sample.rows.map((row) => ({ ...row, kernel: "webgpu", head_dim: 64, ...change(row) })),
  };
}

describe("what a GPU reached", () => {
  test("is that of full attention at 8192, and of sparse attention at its longest, each against its target", () => {
    const results = onDevice(({ variant, length }) => ({
      percent_of_ceiling: variant === "full" && length === 8192 ? 43 : 99,
      achieved_over_ideal: length === 8192 ? 0.7 : 0.9,
    }));
    const [full, local, bigbird] = reachedOf([results]);
    expect(full).toEqual({
      what: "full at 8k, of products of tiles",
      target: TARGETS.ceiling,
      reached: 0.43,
    });
    expect(local).toEqual({
      what: "local at 8k, of the ideal speed-up",
      target: TARGETS.ideal,
      reached: 0.7,
    });
    expect(bigbird.reached).toBeNull();
  });

  test.each<[string, (row: CaseRow) => Partial<CaseRow>]>([
    ["were made by another kernel", () => ({ kernel: "torch-math-cuda" })],
    ["are causal", () => ({ causal: true })],
    ["failed", () => ({ outcome: "failed" })],
    ["are of other widths", () => ({ head_dim: 128 })],
  ])("is not known from cases that %s", (_, change) => {
    for (const { reached } of reachedOf([onDevice(change)])) expect(reached).toBeNull();
  });
});

test("a case has a line with its time and what that is of the device, or how it ended", () => {
  const results = onDevice(({ variant }) =>
    variant === "full"
      ? { outcome: "failed", median_s: null }
      : {
          median_s: 2e-3,
          device_s: 1e-3,
          useful_flops: 4e9,
          percent_of_ceiling: 40,
          achieved_over_ideal: 0.5,
        },
  );
  const lines = summaryLines(results, 200);
  expect(lines).toHaveLength(1 + results.rows.length);
  const [local] = lines.filter((line) => /^local.* 8k by webgpu /.test(line));
  expect(local).toMatch(/2\.00 ms +1\.00 ms +2\.00 TFLOP\/s +40 % +50 %$/);
  expect(lines.filter((line) => /^full.* failed +–/.test(line))).toHaveLength(2);
});
