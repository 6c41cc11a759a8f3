import { describe, expect, it } from "vitest";
import type { Parameters, ValuesOf } from "../../../src/core/parameters.ts";
import { randomStream } from "../../../src/core/random.ts";
import { elementCount, overTokens, shapeOf, type UsualShape } from "../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { guardedOutput, type Runnable } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { type FeatureMap, RELU } from "../../../src/mechanisms/feature-map/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { cosformer } from "../../../variants/feature-map/cosformer.ts";
import { performer } from "../../../variants/feature-map/performer.ts";
import { taylor } from "../../../variants/feature-map/taylor.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemOf } from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

/** Keys this many times normal, so that the exponents of FAVOR+ are raised within chunks. */
const SIZES = [1, 6, 300];

describe("causal FAVOR+ in chunks", () => {
  it.each(SIZES)("is right in every row with q and k %d times normal", (times) => {
    const problem = grown(performing({ features: 40 }, { length: 150, headDim: 16 }, true), times);
    expect(failureInAnyRow(problem, wasm)).toBeNull();
  });

  it.each(SIZES)("gives rows whose bits depend on no later token, with q and k %d times normal", (times) => {
    const problem = grown(performing({ features: 40 }, { length: 150, headDim: 16 }, true), times);
    const whole = outputOf(problem);
    for (const length of [1, 30, 47, 49, 101]) {
      const { shape, inputs } = problem;
      const shorter = overTokens(shape, length);
      const cut = (from: Float32Array): Float32Array => from.slice(0, elementCount(shorter));
      const [q, k, v] = [inputs.q, inputs.k, inputs.v].map(cut);
      const prefix = { ...problem, shape: shorter, inputs: { ...inputs, shape: shorter, q, k, v } };
      expect(outputOf(prefix)).toEqual(whole.slice(0, elementCount(shorter)));
    }
  });

  it.each(SIZES)("gives the same bits on several threads, with q and k %d times normal", (times) => {
    const problem = grown(performing({ features: 20 }, { length: 1100, headDim: 8 }, true), times);
    expect(outputOf({ ...problem, threads: 3 })).toEqual(outputOf(problem));
  });
});

describe("features in several panels", () => {
  it.each([true, false])("are right in every row, causal: %s", (causal) => {
    const shape = { length: 60, headDim: 24 };
    for (const problem of [
      performing({ features: 300 }, shape, causal),
      of(taylor, { project: 0 }, shape, causal),
      of(cosformer, { horizon: 64 }, { length: 60, headDim: 130 }, causal),
    ]) {
      expect(failureInAnyRow(problem, wasm)).toBeNull();
    }
  });

  it("keep a state of packed features, and cosines and sines of every position", () => {
    const shape = { length: 4800, headDim: 64 };
    const small = prepared(of(taylor, { project: 0 }, shape, false)).workspaceBytes ?? 0;
    // 2145 rows of 64, and their sums, for each of 100 chunks divided by the 45 that a segment has.
    expect(small).toBeGreaterThan(4 * 3 * 2145 * 65);
    expect(small).toBeLessThan(1.3 * 4 * 3 * 2145 * 65);
  });
});

describe("a Taylor expansion of projected channels", () => {
  const supports = (project: number, causal: boolean): string | true =>
    wasm.supports(of(taylor, { project }, { length: 9, headDim: 20 }, causal));

  it.each([true, false])("takes as many as a row has room for, and says so of more, causal: %s", (causal) => {
    expect(supports(256, causal)).toBe(true);
    expect(supports(257, causal)).toBe("it expands at most 256 channels, got 257");
    expect(
      failureInAnyRow(of(taylor, { project: 256 }, { length: 9, headDim: 20 }, causal), wasm),
    ).toBeNull();
  });

  it("is not decoded with more", () => {
    const task = of(taylor, { project: 300 }, { length: 9, headDim: 20 }, true);
    expect(wasm.decode?.supports(task)).toBe("it expands at most 256 channels, got 300");
  });
});

describe("a query that shares no feature with any key", () => {
  it.each([true, false])("has an output of 0 where nothing is added to its divisor, causal: %s", (causal) => {
    // Each of q and k alone is relu's own side of 0, so that no feature of both is over 0.
    const shape = shapeOf({ batch: 1, heads: 1, length: 40, headDim: 8 });
    const usual = problemOf(rectified, shape, causal);
    const k = usual.inputs.k.map((value) => -Math.abs(value));
    expect(outputOf({ ...usual, inputs: { ...usual.inputs, k } })).toEqual(
      new Float32Array(elementCount(shape)),
    );
  });
});

const rectified: FeatureMap = { kind: "featureMap", feature: RELU, epsilon: 0 };

function of(
  variant: Variant,
  params: ValuesOf<Parameters>,
  shape: Partial<UsualShape>,
  causal: boolean,
): JudgedProblem {
  const { mechanism } = parameterize(variant, params);
  return problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 1, headDim: 1, ...shape }), causal);
}

function performing(
  params: ValuesOf<Parameters>,
  shape: Partial<UsualShape>,
  causal: boolean,
): JudgedProblem {
  return of(performer, params, shape, causal);
}

/** The same with normal q and k, this many times. */
function grown(problem: JudgedProblem, times: number): JudgedProblem {
  const random = randomStream(3, times);
  const tensor = (): Float32Array =>
    Float32Array.from({ length: elementCount(problem.shape) }, () => times * random.gaussian());
  return { ...problem, inputs: { ...problem.inputs, q: tensor(), k: tensor() } };
}

function prepared(problem: JudgedProblem): Runnable {
  return wasm.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
}

function outputOf(problem: JudgedProblem): Float32Array {
  const runnable = prepared(problem);
  runnable.run();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}
