import { describe, expect, it } from "vitest";
import { featureCount } from "../../src/mechanisms/feature-map/declare.ts";
import { cosformer } from "../../variants/feature-map/cosformer.ts";
import { dpfp } from "../../variants/feature-map/dpfp.ts";
import { hedgehog } from "../../variants/feature-map/hedgehog.ts";
import { reluLinear } from "../../variants/feature-map/relu-linear.ts";
import {
  byPairs,
  distance,
  dot,
  featureMapOf,
  featureProblem,
  meanOutput,
  outputOf,
} from "./feature-problem.ts";

const relu = (x: readonly number[]): number[] => x.map((one) => Math.max(one, 0));
const negated = (x: readonly number[]): number[] => x.map((one) => -one);

/** A problem whose tensor q, k or v is made anew. */
function changed(problem: ReturnType<typeof featureProblem>, change: (x: number) => number) {
  const { q, k } = problem.inputs;
  return { ...problem, inputs: { ...problem.inputs, q: q.map(change), k: k.map(change) } };
}

describe("relu-linear", () => {
  it("weighs positive queries and keys by their products", () => {
    const problem = changed(featureProblem(reluLinear, {}), Math.abs);
    expect(distance(outputOf(problem), byPairs(problem, dot))).toBeLessThan(1e-13);
  });

  it.each([0, 1e-6])("is zero where no channel is positive, with ε = %s", (eps) => {
    const problem = changed(featureProblem(reluLinear, { eps }), (x) => -Math.abs(x));
    expect(new Set(outputOf(problem))).toEqual(new Set([0]));
  });
});

describe("cosformer", () => {
  it("weighs by the cosine of the distance, over the length or a horizon, also past it", () => {
    for (const horizon of [null, 100, 7]) {
      for (const causal of [false, true]) {
        const problem = featureProblem(cosformer, { horizon }, { length: 24 }, { causal });
        const expected = byPairs(
          problem,
          (q, k, i, j) => dot(relu(q), relu(k)) * Math.cos((Math.PI * (i - j)) / (2 * (horizon ?? 24))),
        );
        expect(distance(outputOf(problem), expected)).toBeLessThan(1e-12);
      }
    }
  });

  it("changes its rows with the length unless it has a horizon", () => {
    const rows = (length: number, horizon: number | null) => {
      const problem = featureProblem(cosformer, { horizon }, { length }, { causal: true });
      return outputOf(problem).slice(0, 16 * 8);
    };
    expect(rows(16, 50)).toEqual(rows(24, 50));
    expect(distance(rows(16, null), rows(24, null))).toBeGreaterThan(1e-3);
  });
});

describe("hedgehog", () => {
  it("has two softmaxes over channels", () => {
    const softmax = (x: readonly number[]): number[] => {
      const powers = x.map(Math.exp);
      const total = powers.reduce((sum, one) => sum + one, 0);
      return powers.map((one) => one / total);
    };
    const features = (x: readonly number[]) => [...softmax(x), ...softmax(negated(x))];
    const problem = featureProblem(hedgehog, {});
    const expected = byPairs(problem, (q, k) => dot(features(q), features(k)));
    expect(distance(outputOf(problem), expected)).toBeLessThan(1e-13);
  });

  it("is the mean of v where queries are 0", () => {
    const problem = featureProblem(hedgehog, { eps: 0 });
    const q = new Float32Array(problem.inputs.q.length);
    const zero = { ...problem, inputs: { ...problem.inputs, q } };
    expect(distance(outputOf(zero), meanOutput(zero))).toBeLessThan(1e-14);
  });
});

describe("dpfp", () => {
  /** `r ⊙ roll(r, t)`, t = 1 … ν. */
  const features = (x: readonly number[], nu: number): number[] => {
    const r = relu([...x, ...negated(x)]);
    return Array.from({ length: nu }, (_, t) =>
      r.map((one, at) => one * r[(at - t - 1 + 2 * r.length) % r.length]),
    ).flat();
  };

  it("has 2dν features, none negative, of which at most d a roll are not 0", () => {
    for (const nu of [1, 2, 5]) {
      const problem = featureProblem(dpfp, { nu });
      expect(featureCount(featureMapOf(dpfp, { nu }).feature, 8)).toBe(16 * nu);
      const expected = byPairs(problem, (q, k) => {
        const mapped = features(q, nu);
        expect(mapped).toHaveLength(16 * nu);
        expect(mapped.every((one) => one >= 0)).toBe(true);
        for (let roll = 0; roll < nu; roll++) {
          const present = mapped.slice(16 * roll, 16 * (roll + 1)).filter((one) => one > 0);
          expect(present.length).toBeLessThanOrEqual(8);
        }
        return dot(mapped, features(k, nu));
      });
      expect(distance(outputOf(problem), expected)).toBeLessThan(1e-13);
    }
  });

  it("is of degree 2 in k: twice the keys count four times as much against ε", () => {
    const with2 = featureProblem(dpfp, { eps: 4 });
    const k = with2.inputs.k.map((x) => 2 * x);
    const twice = outputOf({ ...with2, inputs: { ...with2.inputs, k } });
    expect(distance(twice, outputOf(featureProblem(dpfp, { eps: 1 })))).toBeLessThan(1e-14);
  });
});
