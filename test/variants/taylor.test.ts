import { describe, expect, it } from "vitest";
import { taylor } from "../../variants/feature-map/taylor.ts";
import { defaultsOf } from "./bound-variant.ts";
import {
  byPairs,
  distance,
  dot,
  featureProblem,
  fullOutput,
  outputOf,
  rowOfInput,
} from "./feature-problem.ts";

/** `[1, x, vec(x xᵀ)/√2]`. */
function features(x: readonly number[]): number[] {
  return [1, ...x, ...x.flatMap((a) => x.map((b) => (a * b) / Math.SQRT2))];
}

describe("taylor", () => {
  it("expands all channels unless told to project them", () => {
    expect(defaultsOf(taylor)).toEqual({ project: 0, seed: 0, eps: 1e-6 });
  });

  it("weighs by products of 1 + d + d² features, which are at least a half", () => {
    const problem = featureProblem(taylor, {}, {}, { size: 3 });
    const scale = 8 ** -0.25;
    let least = Number.POSITIVE_INFINITY;
    const expected = byPairs(problem, (q, k) => {
      const weight = dot(features(q.map((x) => x * scale)), features(k.map((x) => x * scale)));
      least = Math.min(least, weight);
      return weight;
    });
    expect(least).toBeGreaterThanOrEqual(0.5);
    expect(least).toBeLessThan(0.6);
    expect(distance(outputOf(problem), expected)).toBeLessThan(1e-13);
  });

  it("projects queries and keys by the same rows, and scales what they become", () => {
    const problem = featureProblem(taylor, { project: 3 }, {}, { causal: true });
    const rows = Array.from({ length: 3 }, (_, r) => rowOfInput(problem, "taylor.r", r));
    const projected = (x: readonly number[]) => rows.map((row) => dot(row, x) * 3 ** -0.25);
    const expected = byPairs(problem, (q, k) => dot(features(projected(q)), features(projected(k))));
    expect(distance(outputOf(problem), expected)).toBeLessThan(1e-13);
  });

  it("comes eight times closer to softmax when queries halve", () => {
    const off = (size: number) => {
      const problem = featureProblem(taylor, { eps: 0 }, { length: 64 });
      const inputs = { ...problem.inputs, q: problem.inputs.q.map((x) => x * size) };
      const smaller = { ...problem, inputs };
      return distance(outputOf(smaller), fullOutput(smaller));
    };
    const ratio = off(2 ** -5) / off(2 ** -6);
    expect(ratio).toBeGreaterThan(7.5);
    expect(ratio).toBeLessThan(8.5);
  });
});
