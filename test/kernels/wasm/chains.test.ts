import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { Step, Summary } from "../../../src/mechanisms/summary/declare.ts";
import { performer } from "../../../variants/feature-map/performer.ts";
import { clustered } from "../../../variants/low-rank/clustered.ts";
import { efficient } from "../../../variants/low-rank/efficient.ts";
import { induced } from "../../../variants/low-rank/induced.ts";
import { lara } from "../../../variants/low-rank/lara.ts";
import { linformer } from "../../../variants/low-rank/linformer.ts";
import { nystrom } from "../../../variants/low-rank/nystrom.ts";
import { pooled } from "../../../variants/low-rank/pooled.ts";
import { sinkhorn } from "../../../variants/low-rank/sinkhorn.ts";
import { workOf } from "../../mechanisms/judge.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemOf } from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

/** Every kind of step, over more keys than one segment has, and over heads that share keys. */
const CHAINS: ReadonlyArray<readonly [string, Variant, Record<string, number | boolean>, boolean]> = [
  ["linformer", linformer, { features: 37 }, false],
  ["pooled", pooled, { ratio: 7, mass: true }, false],
  ["pooled, causal", pooled, { ratio: 5 }, true],
  ["nystrom", nystrom, { landmarks: 50, conv: 33 }, false],
  ["nystrom of as many landmarks as tokens", nystrom, { landmarks: 5000 }, false],
  ["induced", induced, { points: 51, depth: 1 }, false],
  ["efficient", efficient, {}, false],
  ["lara", lara, { landmarks: 20 }, false],
  ["clustered", clustered, { clusters: 20 }, false],
  ["improved clustered", clustered, { clusters: 9, keys: 40 }, false],
  ["performer", performer, { features: 70 }, false],
  ["sinkhorn, of more blocks than are mixed at once", sinkhorn, { block: 3 }, false],
  ["sinkhorn, of blocks that tiles do not divide", sinkhorn, { block: 150 }, false],
  ["sinkhorn of one block", sinkhorn, { block: 5000 }, false],
];

const SHAPES = [
  shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 1100, headDim: 19, valueDim: 13 }),
  shapeOf({ batch: 2, heads: 1, length: 3, headDim: 8 }),
];

describe("chains of matrix steps", () => {
  it.each(CHAINS)("%s agrees with the js family in every element", (_, variant, values, causal) => {
    for (const problem of problemsOf(variant, values, causal)) {
      const [got, expected] = [outputOf(problem, wasm), outputOf(problem, js)];
      const size = Math.sqrt(expected.reduce((sum, x) => sum + x * x, 0));
      const error = Math.sqrt(expected.reduce((sum, x, at) => sum + (x - got[at]) ** 2, 0));
      expect(error).toBeLessThanOrEqual(3e-6 * size);
    }
  });

  it.each(CHAINS)("%s gives the same bits on any number of threads", (_, variant, values, causal) => {
    for (const problem of problemsOf(variant, values, causal)) {
      const expected = outputOf(problem, wasm);
      for (const threads of [2, 3]) {
        const got = outputOf({ ...problem, threads }, wasm);
        expect(got.every((value, at) => Object.is(value, expected[at]))).toBe(true);
      }
    }
  });

  it.each(CHAINS)("%s executes no less than is useful", (_, variant, values, causal) => {
    for (const problem of problemsOf(variant, values, causal)) {
      // Means that heads share are made by each, and clusters are counted by what they may be.
      expect(prepared(problem, wasm).executedFlops).toBeGreaterThanOrEqual(
        workOf(problem).usefulFlops * 0.999,
      );
    }
  });
});

describe("work of a chain", () => {
  it.each([
    [16, createWasm("wide")],
    [8, createWasm("relaxed")],
  ] as const)("is that of whole panels of %i keys, and every addition of a mean", (columns, kernel) => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 96, headDim: 20, valueDim: 9 });
    const { mechanism } = parameterize(pooled, { ratio: 4 });
    const keys = 24;
    const means = 96 * 20 + 96 * 9;
    const panels = Math.ceil(keys / columns) * columns;
    const width = Math.ceil(9 / columns) * columns;
    const { executedFlops, bytes } = prepared(problemOf(mechanism, shape, false), kernel);
    expect(executedFlops).toBe(means + 2 * 96 * (20 * panels + keys * width));
    expect(bytes).toBe(4 * 96 * (20 + 20 + 9 + 9));
  });

  it("takes few keys for many queries and many keys for few queries alike: neither keeps a number for each pair", () => {
    const length = 8192;
    const { mechanism } = parameterize(nystrom, { landmarks: 16 });
    const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 16 });
    const { workspaceBytes } = prepared(problemOf(mechanism, shape, false), wasm);
    expect(workspaceBytes).toBeLessThan(4 * length * 16);
  });
});

describe("weights", () => {
  it("may change between calls", () => {
    const shape = shapeOf({ batch: 1, heads: 2, length: 300, headDim: 8 });
    const { mechanism } = parameterize(linformer, { features: 5 });
    const problem = problemOf(mechanism, shape, false);
    const output = guardedOutput(elementCount(shape, "output"));
    const runnable = wasm.prepare(problem, output);
    runnable.run();
    const before = runnable.output().slice();
    tensorNamed(problem.inputs, "linformer.e").reverse();
    runnable.run();
    const after = runnable.output().slice();
    runnable.dispose();
    expect(after).not.toEqual(before);
    expect(after).toEqual(outputOf(problem, wasm));
  });
});

describe("what a chain takes", () => {
  it("is at most 64 bits of a hash, and three values at once, in words", () => {
    const task = { shape: shapeOf({ batch: 1, heads: 1, length: 9, headDim: 8 }), causal: false, threads: 1 };
    const hashed = parameterize(clustered, { bits: 65 }).mechanism;
    expect(wasm.supports({ ...task, mechanism: hashed })).toBe("a hash has at most 64 bits, got 65");
    const also = ["a", "b", "c"].map((to) => ({ to, values: "v" }));
    const attend: Step = { step: "attend", to: "out", queries: "q", keys: "k", values: "v", also, scale: 1 };
    const summary: Summary = {
      kind: "summary",
      text: "four",
      chain: () => [attend],
      inputs: {},
      causal: false,
      sumsToOne: true,
    };
    expect(wasm.supports({ ...task, mechanism: summary })).toBe("it weighs at most 3 values at once, got 4");
  });

  it("is one direction where a summary mixes tokens before and after", () => {
    const { mechanism } = parameterize(linformer, {});
    const shape = shapeOf({ batch: 1, heads: 1, length: 9, headDim: 8 });
    expect(wasm.supports({ mechanism, shape, causal: true, threads: 1 })).toMatch(/mixes tokens/);
  });
});

describe("improved clusters", () => {
  // Keys for each cluster by segments, keys for more clusters than there are keys, and no keys but the best.
  it.each([
    [1100, { clusters: 9, keys: 40 }],
    [300, { clusters: 300, keys: 7 }],
    [30, { clusters: 5, keys: 200 }],
    [30, { clusters: 50, keys: 30 }],
  ] as const)(
    "of %i tokens are right in every row where the best keys have all but all weight",
    (length, values) => {
      const { mechanism } = parameterize(clustered, values);
      const problem = problemOf(mechanism, shapeOf({ batch: 1, heads: 2, length, headDim: 19 }), false);
      for (const times of [1, 4, 12]) {
        const grown = (tensor: Float32Array): Float32Array => tensor.map((x) => times * x);
        const inputs = { ...problem.inputs, q: grown(problem.inputs.q), k: grown(problem.inputs.k) };
        expect(failureInAnyRow({ ...problem, inputs }, wasm)).toBeNull();
      }
    },
  );
});

describe("scores by unit vectors", () => {
  const bothWays = (scale: number): Summary => ({
    kind: "summary",
    text: `unit vectors, times ${scale}`,
    chain: () => [
      { step: "attend", to: "channels", queries: null, keys: "k", values: "v", scale },
      { step: "attend", to: "out", queries: "q", keys: null, values: "channels", scale },
    ],
    inputs: {},
    causal: false,
    sumsToOne: true,
  });
  // More keys than a tile and a segment has, whose maxima rise from one to the next, and fewer keys than channels.
  const shapes = [
    { length: 700, headDim: 19, valueDim: 13 },
    { length: 12, headDim: 20, valueDim: 5 },
    { length: 30, headDim: 200, valueDim: 9 },
  ].map((sizes) => shapeOf({ batch: 1, heads: 2, ...sizes }));

  it.each([1, 0.7, 0, -1, -0.3])("are right in every row, times %f, however large they are", (scale) => {
    for (const shape of shapes) {
      const problem = problemOf(bothWays(scale), shape, false);
      for (const times of [1, 64, 1e4]) {
        // Later ones are larger.
        const grown = (tensor: Float32Array): Float32Array =>
          tensor.map((x, at) => (times * x * (1 + at)) / tensor.length);
        const inputs = { ...problem.inputs, q: grown(problem.inputs.q), k: grown(problem.inputs.k) };
        expect(failureInAnyRow({ ...problem, inputs }, wasm)).toBeNull();
      }
    }
  });

  it("are finite where their differences overflow", () => {
    for (const shape of shapes) {
      const problem = problemOf(bothWays(1), shape, false);
      const huge = (tensor: Float32Array): Float32Array => tensor.map((x) => 3.4e38 * Math.tanh(5 * x));
      const inputs = { ...problem.inputs, q: huge(problem.inputs.q), k: huge(problem.inputs.k) };
      const [got, expected] = [wasm, js].map((kernel) => outputOf({ ...problem, inputs }, kernel));
      expect(expected.every(Number.isFinite)).toBe(true);
      for (const [at, x] of expected.entries()) expect(Math.abs(got[at] - x)).toBeLessThanOrEqual(3e-6 * 4);
    }
  });
});

describe("FAVOR+ as two softmaxes", () => {
  it("stays finite at scores of ten thousand", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 200, headDim: 16 });
    const { mechanism } = parameterize(performer, { features: 32 });
    const problem = problemOf(mechanism, shape, false);
    const large = (values: Float32Array): Float32Array => values.map((x) => 70 * x);
    const inputs = { ...problem.inputs, q: large(problem.inputs.q), k: large(problem.inputs.k) };
    expect(outputOf({ ...problem, inputs }, wasm).every(Number.isFinite)).toBe(true);
  });
});

function problemsOf(variant: Variant, values: Record<string, number | boolean>, causal: boolean): Problem[] {
  const { mechanism } = parameterize(variant, values);
  const ofShape = (shape: Shape): Shape =>
    variant.id === "performer" ? shapeOf({ ...shape, valueDim: shape.headDim }) : shape;
  return SHAPES.map((shape) => problemOf(mechanism as Mechanism, ofShape(shape), causal));
}

function prepared(problem: Problem, kernel: ReadyKernel) {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  const { executedFlops, bytes, workspaceBytes } = runnable;
  runnable.dispose();
  return { executedFlops: executedFlops ?? 0, bytes, workspaceBytes };
}

function outputOf(problem: Problem, kernel: ReadyKernel): Float32Array {
  const output = guardedOutput(elementCount(problem.shape, "output")).fill(Number.NaN);
  const runnable = kernel.prepare(problem, output);
  runnable.run();
  const copied = runnable.output().slice();
  runnable.dispose();
  return copied;
}
