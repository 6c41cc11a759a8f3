import { expect, test } from "vitest";
import { isWorseThanMean } from "../../../src/record/schema/beside-mean.ts";

test.each([
  ["a larger error is worse", 1.2, 0.8, true],
  ["a smaller one is not", 0.7, 0.8, false],
  ["one within a thousandth is as large", 0.8004, 0.8, false],
  ["one within rounding of nothing is not, even if the mean of v is exact", 1e-7, 0, false],
  ["an unknown error is not", null, 0.8, false],
  ["nor is one without a yardstick", 1.2, null, false],
  ["nor is one from an older file", 1.2, undefined, false],
] as const)("%s", (_, fidelity_error, mean_fidelity_error, worse) => {
  expect(isWorseThanMean({ fidelity_error, mean_fidelity_error })).toBe(worse);
});
