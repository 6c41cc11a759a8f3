import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { nonFiniteWarnings } from "../../src/input/non-finite.ts";

const shape = shapeOf({ batch: 2, heads: 2, length: 6, headDim: 3 });

function inputs(planted: {
  q?: Record<number, number>;
  k?: Record<number, number>;
  v?: Record<number, number>;
}) {
  const tensor = (values: Record<number, number> = {}) => Object.assign(new Float32Array(72).fill(1), values);
  return { shape, q: tensor(planted.q), k: tensor(planted.k), v: tensor(planted.v) };
}

describe("the warning of values that are not finite", () => {
  it("says nothing of finite values", () => {
    expect(nonFiniteWarnings(inputs({ q: { 0: 3.4e38, 1: -0 } }))).toEqual([]);
  });

  it("counts them in each tensor and names the place of the first", () => {
    const at = ((1 * 2 + 1) * 6 + 5) * 3 + 2;
    expect(
      nonFiniteWarnings(
        inputs({ q: { [at]: Number.NaN }, v: { 4: Number.POSITIVE_INFINITY, 5: Number.NEGATIVE_INFINITY } }),
      ),
    ).toEqual([
      "q holds 1 non-finite value at [1, 1, 5, 2]",
      "v holds 2 non-finite values, the first at [0, 0, 1, 1]",
    ]);
  });
});
