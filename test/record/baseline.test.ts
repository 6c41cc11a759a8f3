import { expect, it } from "vitest";
import { isBaseline, isFullAttention } from "../../src/record/schema/baseline.ts";

it("full attention is the baseline unless it has a form, by which it is no softmax attention", () => {
  expect(isBaseline({ variant: "full", params: {} })).toBe(true);
  expect(isBaseline({ variant: "full", rows: [{ params: {} }] })).toBe(true);
  expect(isBaseline({ variant: "full", params: { score: "additive" } })).toBe(false);
  expect(isBaseline({ variant: "full", rows: [{ params: { turn: "rope" } }] })).toBe(false);
  expect(isBaseline({ variant: "alibi", params: {} })).toBe(false);
});

it("what a plan names is the baseline, in whatever form it has it measured, and full attention then is not", () => {
  const compared_with = "local";
  expect(isBaseline({ variant: "local", params: { score: "additive" }, compared_with })).toBe(true);
  expect(isBaseline({ variant: "local", rows: [{ params: {}, compared_with }] })).toBe(true);
  expect(isBaseline({ variant: "full", params: {}, compared_with })).toBe(false);
  expect(isFullAttention({ variant: "full", params: {} })).toBe(true);
});
