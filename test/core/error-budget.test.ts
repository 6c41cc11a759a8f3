import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorBudget, FLOAT32_EPSILON } from "../../src/core/error-budget.ts";

/** None, or far enough from the smallest numbers that scaling by a power of 2 is exact. */
const amounts = fc.oneof(fc.constant(0), fc.double({ min: 1e-200, max: 1e6, noNaN: true }));

describe("errorBudget", () => {
  it("is twice the slack and what the float32 pass errs of it", () => {
    expect(errorBudget(3e-7, 0)).toBe(6e-7);
    expect(errorBudget(3e-7, 2)).toBeCloseTo(18e-7, 20);
  });

  it("never shrinks where either grows, scales with the slack, and is 0 only where nothing can err", () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, (slack, rounding, more) => {
        const budget = errorBudget(slack, rounding);
        expect(errorBudget(slack + more, rounding)).toBeGreaterThanOrEqual(budget);
        expect(errorBudget(slack, rounding + more)).toBeGreaterThanOrEqual(budget);
        expect(errorBudget(4 * slack, rounding)).toBe(4 * budget);
      }),
    );
    expect(errorBudget(0, 7)).toBe(0);
  });

  it("leaves room for the rounding of a right float32 output of any size", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (exact) => {
        const error = Math.abs(Math.fround(exact) - exact);
        expect(error).toBeLessThanOrEqual(errorBudget(FLOAT32_EPSILON * exact, 0));
      }),
    );
  });
});
