import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parameterize } from "../../src/core/variant.ts";
import type { FeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { elementwiseOf } from "../mechanisms/elementwise-of.ts";
import { defaultsOf } from "./bound-variant.ts";

function mechanismOf(overrides: Record<string, unknown>): FeatureMap {
  const { mechanism } = parameterize(linear, overrides);
  if (!isFeatureMap(mechanism)) throw new TypeError("linear has no feature map");
  return mechanism;
}

describe("linear", () => {
  it("adds 1e-6 to the normaliser unless told otherwise", () => {
    expect(defaultsOf(linear)).toEqual({ eps: 1e-6 });
    expect(mechanismOf({}).epsilon).toBe(1e-6);
    expect(mechanismOf({ eps: 0 }).epsilon).toBe(0);
    expect(mechanismOf({ eps: 0.25 }).epsilon).toBe(0.25);
  });

  it("maps x by elu(x) + 1: x + 1 from 0 on, and below it what has the logarithm x", () => {
    const { phi } = elementwiseOf(mechanismOf({}));
    fc.assert(
      fc.property(fc.double({ min: 0, max: 700, noNaN: true }), (x) => {
        expect(phi(x)).toBe(x + 1);
        // exp and log each round once: to a neighbour of 1 in the feature, and of x in the logarithm.
        const rounding = 2 * Number.EPSILON * Math.max(1, x);
        expect(Math.abs(Math.log(phi(-x)) + x)).toBeLessThanOrEqual(x === 0 ? 0 : rounding);
      }),
    );
  });

  it("keeps features positive where elu(x) + 1 would cancel to 0", () => {
    const { phi } = elementwiseOf(mechanismOf({}));
    expect(Math.expm1(-50) + 1).toBe(0);
    expect(phi(-50)).toBeGreaterThan(0);
    expect(phi(0)).toBe(1);
    expect(phi(-0)).toBe(1);
  });
});
