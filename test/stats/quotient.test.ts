import fc from "fast-check";
import { expect, test } from "vitest";
import { quotient } from "../../src/stats/quotient.ts";

const anything = fc.option(fc.oneof(fc.double(), fc.constantFrom(0, 1e308, 5e-324, Number.NaN)));

test("a quotient of any two values is a positive finite number, or not known", () => {
  fc.assert(
    fc.property(anything, anything, (numerator, denominator) => {
      const ratio = quotient(numerator, denominator);
      if (ratio === null) return;
      expect(ratio > 0 && ratio < Number.POSITIVE_INFINITY).toBe(true);
      expect(ratio).toBe(Number(numerator) / Number(denominator));
    }),
  );
});

test("what is not known, zero, or too large to say has no quotient", () => {
  for (const [numerator, denominator] of [
    [null, 1],
    [1, null],
    [0, 1],
    [1, 0],
    [0, 0],
    [1e308, 1e-308],
    [1e-308, 1e308],
    [Number.NaN, 1],
  ]) {
    expect(quotient(numerator, denominator)).toBeNull();
  }
  expect(quotient(3, 2)).toBe(1.5);
});
