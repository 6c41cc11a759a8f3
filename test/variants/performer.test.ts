import { describe, expect, it } from "vitest";
import { hashText, randomStream } from "../../src/core/random.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { fillOrthogonal } from "../../src/mechanisms/feature-map/orthogonal-rows.ts";
import { performer } from "../../variants/feature-map/performer.ts";
import { goldenCases } from "../kernels/golden-cases.ts";
import { publishedPerformer } from "../kernels/published-performer.ts";
import { defaultsOf } from "./bound-variant.ts";
import {
  byPairs,
  distance,
  dot,
  featureProblem,
  fullOutput,
  meanOutput,
  outputOf,
  rowOfInput,
} from "./feature-problem.ts";

/** Orthogonal rows of a stream, in float64. */
function orthogonal(head: number, rows: number, width: number, seed = 0): number[][] {
  const all = new Float64Array(rows * width);
  fillOrthogonal(randomStream(seed, hashText("performer/w"), head), all, width);
  return Array.from({ length: rows }, (_, row) => [...all.subarray(row * width, (row + 1) * width)]);
}

describe("performer", () => {
  it("has 256 orthogonal features unless told otherwise, and no ε", () => {
    expect(defaultsOf(performer)).toEqual({ features: 256, orthogonal: true, seed: 0 });
    expect(featureProblem(performer, {}).mechanism.epsilon).toBe(0);
  });

  it("is the golden vectors to 13 digits where rows are not rounded", () => {
    const golden = goldenCases.filter(({ title }) => title.startsWith("zoo: performer-features12"));
    expect(golden).toHaveLength(2);
    for (const { problem, output } of golden) {
      const { length, headDim } = problem.shape;
      for (let head = 0; head < 2; head++) {
        const rows = orthogonal(head, 12, headDim);
        const one = { ...problem, shape: { ...problem.shape, heads: 1, kvHeads: 1 } };
        const size = length * headDim;
        const ofHead = (name: string) =>
          tensorNamed(problem.inputs, name).subarray(head * size, (head + 1) * size);
        const inputs = { shape: one.shape, q: ofHead("q"), k: ofHead("k"), v: ofHead("v") };
        const expected = byPairs(
          {
            ...featureProblem(performer, {}),
            ...one,
            inputs,
            mechanism: featureProblem(performer, {}).mechanism,
          },
          (q, k) => kernelOf(rows, q, k),
        );
        expect(distance([...output.subarray(head * size, (head + 1) * size)], expected)).toBeLessThan(1e-13);
      }
    }
  });

  it("has rows that are orthogonal in blocks of d, and of which each is as long as a normal one", () => {
    const [width, rows] = [16, 40];
    let squares = 0;
    for (let seed = 0; seed < 200; seed++) {
      const drawn = orthogonal(0, rows, width, seed);
      for (const [i, a] of drawn.entries()) {
        squares += dot(a, a);
        for (const [j, b] of drawn.slice(0, i).entries()) {
          if (Math.floor(i / width) !== Math.floor(j / width)) continue;
          expect(Math.abs(dot(a, b))).toBeLessThan(1e-12 * Math.sqrt(dot(a, a) * dot(b, b)));
        }
      }
    }
    // χ² of d degrees has mean d and variance 2d.
    const count = 200 * rows;
    expect(Math.abs(squares / count - width)).toBeLessThan(5 * Math.sqrt((2 * width) / count));
  });

  it("has independent rows if told so, and other ones by seed", () => {
    const rows = (params: Record<string, unknown>) =>
      tensorNamed(featureProblem(performer, { features: 8, ...params }).inputs, "performer.w");
    const random = randomStream(5, hashText("performer/w"), 0);
    const independent = Float32Array.from({ length: 64 }, () => random.gaussian());
    expect(rows({ orthogonal: false, seed: 5 })).toEqual(independent);
    expect(rows({ seed: 1 })).not.toEqual(rows({ seed: 2 }));
  });

  it("is unbiased: over 400 draws the product of features is exp(q·k/√d)", () => {
    // Of large ones the variance is so large that few draws do not show it.
    const problem = featureProblem(performer, {}, {}, { size: 0.5 });
    const [q, k] = [rowOfInput(problem, "q", 0), rowOfInput(problem, "k", 1)];
    const draws = Array.from({ length: 400 }, (_, seed) => {
      const rows = orthogonal(0, 8, 8, seed);
      return kernelOf(rows, q, k) / 8;
    });
    const mean = draws.reduce((sum, one) => sum + one, 0) / draws.length;
    const variance = draws.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (draws.length - 1);
    const expected = Math.exp(dot(q, k) / Math.sqrt(8));
    expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(variance / draws.length));
  });

  it("comes at least twice as close with 1024 features as with 8 where queries and keys are small", () => {
    const off = (features: number) => {
      const problem = featureProblem(performer, { features }, { length: 64 }, { size: 0.25 });
      return distance(outputOf(problem), fullOutput(problem));
    };
    expect(off(1024)).toBeLessThan(off(8) / 2);
  });

  it("is not the mean of v at six times normal queries and keys, where the published form is", () => {
    const problem = featureProblem(performer, {}, { length: 96, headDim: 64 }, { size: 6 });
    const mean = meanOutput(problem);
    expect(distance([...publishedPerformer(problem, 0)], mean)).toBeLessThan(1e-6);
    expect(distance(outputOf(problem), mean)).toBeGreaterThan(1);
    // At a sixteenth of normal, where ε is small beside features, the two are the same.
    const small = featureProblem(performer, {}, { length: 96, headDim: 64 }, { size: 1 / 16 });
    expect(distance([...publishedPerformer(small, 0)], outputOf(small))).toBeLessThan(1e-3);
  });
});

/** `Σ_r exp(w_r·q' - |q'|²/2) exp(w_r·k' - |k'|²/2)`. */
function kernelOf(rows: readonly number[][], q: readonly number[], k: readonly number[]): number {
  const scale = q.length ** -0.25;
  const [x, y] = [q, k].map((row) => row.map((one) => one * scale));
  const half = (dot(x, x) + dot(y, y)) / 2;
  return rows.reduce((sum, w) => sum + Math.exp(dot(w, x) + dot(w, y) - half), 0);
}
