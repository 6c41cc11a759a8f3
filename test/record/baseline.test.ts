import { expect, it } from "vitest";
import { isBaseline } from "../../src/record/schema/baseline.ts";

it("full attention is the baseline unless it has a form, by which it is no softmax attention", () => {
  expect(isBaseline({ variant: "full", params: {} })).toBe(true);
  expect(isBaseline({ variant: "full", rows: [{ params: {} }] })).toBe(true);
  expect(isBaseline({ variant: "full", params: { score: "additive" } })).toBe(false);
  expect(isBaseline({ variant: "full", rows: [{ params: { turn: "rope" } }] })).toBe(false);
  expect(isBaseline({ variant: "alibi", params: {} })).toBe(false);
});
