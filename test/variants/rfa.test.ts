import { describe, expect, it } from "vitest";
import { tensorNamed } from "../../src/core/tensors.ts";
import { unitRows } from "../../src/mechanisms/feature-map/unit-rows.ts";
import { rfa } from "../../variants/feature-map/rfa.ts";
import { defaultsOf } from "./bound-variant.ts";
import { allRows, byPairs, distance, dot, featureProblem, outputOf, rowOfInput } from "./feature-problem.ts";

const unit = (x: readonly number[]): number[] => x.map((one) => one / Math.sqrt(dot(x, x) + 1e-6));

describe("rfa", () => {
  it("has 128 projections of deviation 1/τ, τ = 1, unless told otherwise", () => {
    expect(defaultsOf(rfa)).toEqual({ features: 128, tau: 1, seed: 0, eps: 1e-6 });
    const drawn = (tau: number) => tensorNamed(featureProblem(rfa, { features: 4, tau }).inputs, "rfa.w");
    expect(drawn(2)).toEqual(drawn(1).map((x) => x / 2));
  });

  it("weighs by the mean cosine of projected differences of unit rows", () => {
    for (const causal of [false, true]) {
      const problem = featureProblem(rfa, { features: 40, tau: 0.7 }, {}, { causal });
      const rows = Array.from({ length: 40 }, (_, r) => rowOfInput(problem, "rfa.w", r));
      const expected = byPairs(problem, (q, k) => {
        const [x, y] = [unit(q), unit(k)];
        const apart = x.map((one, c) => one - y[c]);
        return rows.reduce((sum, w) => sum + Math.cos(dot(w, apart)), 0) / rows.length;
      });
      expect(distance(outputOf(problem), expected)).toBeLessThan(1e-13);
    }
  });

  it("is unbiased: over 400 draws a weight is exp(-|q̂ - k̂|²/2τ²)", () => {
    const tau = 0.8;
    const draws = Array.from({ length: 400 }, (_, seed) => {
      const problem = featureProblem(rfa, { features: 8, tau, seed });
      const apart = unit(rowOfInput(problem, "q", 0)).map((x, c) => x - unit(rowOfInput(problem, "k", 1))[c]);
      let sum = 0;
      for (let r = 0; r < 8; r++) sum += Math.cos(dot(rowOfInput(problem, "rfa.w", r), apart)) / 8;
      return { weight: sum, expected: Math.exp(-dot(apart, apart) / (2 * tau * tau)) };
    });
    const mean = draws.reduce((sum, { weight }) => sum + weight, 0) / draws.length;
    const variance = draws.reduce((sum, { weight }) => sum + (weight - mean) ** 2, 0) / (draws.length - 1);
    expect(Math.abs(mean - draws[0].expected)).toBeLessThan(5 * Math.sqrt(variance / draws.length));
  });

  it("comes near softmax of q̂·k̂/τ², its yardstick, with 4096 projections", () => {
    for (const tau of [1, 0.6]) {
      const problem = featureProblem(rfa, { features: 4096, tau }, { length: 48 });
      const { feature } = problem.mechanism;
      if (feature.kind !== "trigonometric") throw new TypeError("rfa is trigonometric");
      const expected = allRows(unitRows(feature).oracle(problem, {}), problem);
      const byHand = byPairs(problem, (q, k) => Math.exp(dot(unit(q), unit(k)) / tau ** 2));
      expect(distance(expected, byHand)).toBeLessThan(1e-6);
      expect(distance(outputOf(problem), expected)).toBeLessThan(0.1);
    }
  });
});
