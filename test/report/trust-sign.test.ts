import { expect, test } from "vitest";
import { trustSign } from "../../src/report/trust-sign.ts";
import { sampleResults } from "./sample-results.ts";

const clean = sampleResults({ variants: 2, lengths: [256, 512] });
const results = {
  ...clean,
  run: { ...clean.run, environment: { ...clean.run.environment, dirty: false } },
};

test("trust is a tick where every case was verified and measured and nothing is odd", () => {
  expect(trustSign(results)).toEqual({
    sign: "✓",
    text: expect.stringMatching(/^4 of 4 cases verified and measured, ±\d(\.\d)? %$/),
  });
});

test("trust is a warning where there is one, or a case has no time, and says so", () => {
  expect(trustSign(clean)).toEqual({ sign: "⚠", text: expect.stringMatching(/, 1 warning$/) });
  const skipped = {
    ...results,
    rows: [{ ...results.rows[0], outcome: "skipped" as const }, ...results.rows.slice(1)],
  };
  expect(trustSign(skipped)).toMatchObject({ sign: "⚠", text: expect.stringMatching(/^3 of 4 cases/) });
});

test("trust is a cross where a case failed, or none was measured", () => {
  const failed = {
    ...results,
    rows: [{ ...results.rows[0], outcome: "failed" as const }, ...results.rows.slice(1)],
  };
  expect(trustSign(failed)).toMatchObject({ sign: "✗", text: expect.stringContaining(", 1 failed") });
  const none = {
    ...results,
    rows: results.rows.map((row) => ({ ...row, outcome: "skipped" as const, median_s: null })),
  };
  expect(trustSign(none)).toMatchObject({ sign: "✗", text: expect.stringMatching(/^0 of 4 cases/) });
});
