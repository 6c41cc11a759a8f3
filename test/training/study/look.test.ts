import { expect, test } from "vitest";
import { isStillGaining, stepsTo } from "../../../src/training/study/look.ts";
import { rateAt } from "../../../src/training/study/schedule.ts";

const curve = (...accuracies: readonly number[]) =>
  accuracies.map((accuracy, index) => ({ step: 100 * (index + 1), loss: 1, accuracy }));

test("steps to a share are those of the first look that has it, also if a later one has not", () => {
  expect(stepsTo(0.99, curve(0.2, 0.99, 0.98))).toBe(200);
  expect(stepsTo(0.99, curve(0.2, 0.98999))).toBeNull();
  expect(stepsTo(0.99, [])).toBeNull();
});

test("a curve that rises over its last fifth is still gaining, one that rose before is not", () => {
  const rising = curve(0.1, 0.2, 0.3, 0.4, 0.5);
  expect(isStillGaining(rising, 500, 8192)).toBe(true);
  expect(isStillGaining(curve(0.1, 0.4, 0.5, 0.5, 0.5), 500, 8192)).toBe(false);
  expect(isStillGaining(curve(0.5, 0.5, 0.5, 0.5, 0.3), 500, 8192)).toBe(false);
});

test("a rise that so few answers cannot tell is none", () => {
  const rising = curve(0.5, 0.5, 0.5, 0.5, 0.53);
  expect(isStillGaining(rising, 500, 8192)).toBe(true);
  expect(isStillGaining(rising, 500, 500)).toBe(false);
});

test("the rate rises over 50 steps, is highest then, and falls to 0", () => {
  const rates = Array.from({ length: 800 }, (_, index) => rateAt(index + 1, 800, 0.01));
  expect(rates.indexOf(Math.max(...rates))).toBe(49);
  expect(rates.at(-1)).toBeCloseTo(0, 12);
  expect(rates.every((rate) => rate >= 0 && rate <= 0.01)).toBe(true);
});
