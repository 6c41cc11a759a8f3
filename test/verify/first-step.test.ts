import { expect, test } from "vitest";
import { firstStepRemark } from "../../src/run/case-remarks.ts";

const facts = { stateBytes: 1, residentBytes: 1, prefillSeconds: 1e-3 };
const remark = (firstStepSeconds: number, callSeconds: number) =>
  firstStepRemark("kernel late", { decoding: { ...facts, firstStepSeconds }, callSeconds });

test("a stepper that leaves a part of its prefill to the first step is named", () => {
  expect(remark(0.06, 0.002)).toBe(
    "kernel late takes 60 ms for the first step after a prefill, and 2.0 ms for others: what is left of the prefill is then in no time",
  );
});

test("cold caches after a prefill are no sign of it, nor is a forward pass", () => {
  expect(remark(5e-6, 0.3e-6)).toBeNull();
  expect(remark(90e-6, 1e-6)).toBeNull();
  expect(remark(2e-3, 1e-3)).toBeNull();
  expect(firstStepRemark("kernel whole", { decoding: null, callSeconds: 1 })).toBeNull();
});
