import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorBudget } from "../../src/core/error-budget.ts";

/** None, or far enough from the smallest numbers that scaling by a power of 2 is exact. */
const amounts = fc.oneof(fc.constant(0), fc.double({ min: 1e-200, max: 1e6, noNaN: true }));

describe("errorBudget", () => {
  it("is twice the error of the float32 pass and one rounding of what is magnified", () => {
    expect(errorBudget({ float32Error: 3e-7, magnified: 0 })).toBeCloseTo(6e-7, 20);
    expect(errorBudget({ float32Error: 0, magnified: 1 })).toBe(2 * 2 ** -23);
    fc.assert(
      fc.property(amounts, amounts, (float32Error, magnified) => {
        expect(errorBudget({ float32Error, magnified })).toBe(2 * (float32Error + 2 ** -23 * magnified));
      }),
    );
  });

  it("never shrinks where either grows, scales with both, and is 0 only where nothing can err", () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, (float32Error, magnified, more) => {
        const budget = errorBudget({ float32Error, magnified });
        expect(errorBudget({ float32Error: float32Error + more, magnified })).toBeGreaterThanOrEqual(budget);
        expect(errorBudget({ float32Error, magnified: magnified + more })).toBeGreaterThanOrEqual(budget);
        expect(errorBudget({ float32Error: 4 * float32Error, magnified: 4 * magnified })).toBe(4 * budget);
      }),
    );
    expect(errorBudget({ float32Error: 0, magnified: 0 })).toBe(0);
  });

  it("leaves room for the rounding of a right float32 output of any size", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (exact) => {
        const error = Math.abs(Math.fround(exact) - exact);
        expect(error).toBeLessThanOrEqual(errorBudget({ float32Error: 0, magnified: exact }));
      }),
    );
  });
});
