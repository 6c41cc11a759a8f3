import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel } from "../../../src/kernels/kernel.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { clustered } from "../../../variants/low-rank/clustered.ts";
import { efficient } from "../../../variants/low-rank/efficient.ts";
import { induced } from "../../../variants/low-rank/induced.ts";
import { lara } from "../../../variants/low-rank/lara.ts";
import { linformer } from "../../../variants/low-rank/linformer.ts";
import { nystrom } from "../../../variants/low-rank/nystrom.ts";
import { pooled } from "../../../variants/low-rank/pooled.ts";
import { workOf } from "../../mechanisms/judge.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemOf, problemsFor } from "../arbitrary-problems.ts";

const native = createNative();

/** Every kind of step that it does, over heads that share keys, and over more entries than one. */
const CHAINS: ReadonlyArray<readonly [string, Variant, Record<string, number | boolean>, boolean]> = [
  ["linformer", linformer, { features: 37 }, false],
  ["linformer of one table", linformer, { features: 130, shared: true }, false],
  ["pooled", pooled, { ratio: 7 }, false],
  ["pooled, causal", pooled, { ratio: 5 }, true],
  ["nystrom", nystrom, { landmarks: 50 }, false],
  ["nystrom of as many landmarks as tokens", nystrom, { landmarks: 5000 }, false],
  ["induced", induced, { points: 51, depth: 1 }, false],
  ["efficient", efficient, {}, false],
  ["lara", lara, { landmarks: 20 }, false],
  ["pooled, weighed by their sizes", pooled, { ratio: 90, mass: true }, false],
];

const SHAPES = [
  shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 1100, headDim: 19, valueDim: 13 }),
  shapeOf({ batch: 2, heads: 1, length: 3, headDim: 8 }),
  // Products of so many rows are made in segments.
  shapeOf({ batch: 2, heads: 2, length: 2100, headDim: 5 }),
];

describe.runIf(native.unavailable?.() === null)("chains of matrix steps in machine code", () => {
  it.each(CHAINS)("%s agrees with the js family in every element", (_, variant, values, causal) => {
    for (const problem of problemsOf(variant, values, causal)) {
      const [got, expected] = [outputOf(problem, native), outputOf(problem, js)];
      const size = Math.sqrt(expected.reduce((sum, x) => sum + x * x, 0));
      const error = Math.sqrt(expected.reduce((sum, x, at) => sum + (x - got[at]) ** 2, 0));
      expect(error).toBeLessThanOrEqual(3e-6 * size);
    }
  });

  it.each(CHAINS)("%s gives the same bits on any number of threads", (_, variant, values, causal) => {
    for (const problem of problemsOf(variant, values, causal)) {
      const expected = outputOf(problem, native);
      for (const threads of [2, 3]) {
        const got = outputOf({ ...problem, threads }, native);
        expect(got.every((value, at) => Object.is(value, expected[at]))).toBe(true);
      }
    }
  });

  it.each(CHAINS)("%s executes no less than is useful", (_, variant, values, causal) => {
    for (const problem of problemsOf(variant, values, causal)) {
      const { executedFlops } = native.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
      expect(executedFlops).toBeGreaterThanOrEqual(workOf(problem).usefulFlops * 0.999);
    }
  });

  it("are right in every row for any parameters, shape and inputs that they take", () => {
    const only: ReadyKernel = {
      ...native,
      supports: (task) => (task.mechanism.kind === "summary" ? native.supports(task) : "not asked"),
    };
    fc.assert(
      fc.property(problemsFor(only), (problem) => {
        expect(failureInAnyRow(problem, native)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it("have numbers wherever the js family has, whatever a token holds, and NaN where that has it from NaN", () => {
    const wild = fc.record({
      chain: fc.constantFrom(...CHAINS),
      name: fc.constantFrom("q", "k", "v"),
      at: fc.nat(),
      value: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      length: fc.constantFrom(3, 70, 130),
    });
    fc.assert(
      fc.property(wild, ({ chain: [, variant, values, causal], name, at, value, length }) => {
        const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length, headDim: 19, valueDim: 13 });
        const problem = problemOf(parameterize(variant, values).mechanism, shape, causal);
        const tensor = tensorNamed(problem.inputs, name);
        tensor[at % tensor.length] = value;
        const [got, expected] = [outputOf(problem, native), outputOf(problem, js)];
        // Of an infinite score families may make NaN or a weight of 1.
        const wrong = got.findIndex((x, index) => {
          const [has, should] = [x, expected[index]].map(Number.isFinite);
          return has !== should && !(has && !Number.isNaN(value));
        });
        expect(wrong).toBe(-1);
      }),
      { numRuns: 150 },
    );
  });

  it("read weights and tokens anew in each call", () => {
    const { mechanism } = parameterize(linformer, { features: 5 });
    const problem = problemOf(mechanism, shapeOf({ batch: 1, heads: 2, length: 300, headDim: 8 }), false);
    const runnable = native.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
    runnable.run();
    const before = runnable.output().slice();
    tensorNamed(problem.inputs, "linformer.e").reverse();
    runnable.run();
    const after = runnable.output().slice();
    runnable.dispose();
    expect(after).not.toEqual(before);
    expect(after).toEqual(outputOf(problem, native));
  });

  it("are refused in words where a step is none of theirs", () => {
    const why = (variant: Variant, values: Record<string, number | boolean>, length = 9) =>
      native.supports({
        mechanism: parameterize(variant, values).mechanism,
        shape: shapeOf({ batch: 1, heads: 1, length, headDim: 8 }),
        causal: false,
        threads: 1,
      });
    expect(why(clustered, {})).toBe("it does no clusters");
    expect(why(pooled, { mass: true, ratio: 1 }, 300)).toBe(
      "with a bias it attends at most 256 summaries, got 300",
    );
    expect(why(nystrom, { landmarks: 8, conv: 3 })).toBe("it does no convolve");
  });
});

function problemsOf(
  variant: Variant,
  values: Record<string, number | boolean>,
  causal: boolean,
): JudgedProblem[] {
  return SHAPES.map((shape) => problemOf(parameterize(variant, values).mechanism, shape, causal));
}

function outputOf(problem: Problem, kernel: ReadyKernel): Float32Array {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  try {
    runnable.run();
    return runnable.output();
  } finally {
    runnable.dispose();
  }
}
