import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LAYER_WEIGHTS } from "../../../src/core/layer-names.ts";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel } from "../../../src/kernels/kernel.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { layerAround } from "../../../src/mechanisms/layer/around.ts";
import { sagan } from "../../../variants/layer/sagan.ts";
import { clustered } from "../../../variants/low-rank/clustered.ts";
import { local } from "../../../variants/sparse/local.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { layersFor } from "../arbitrary-layers.ts";
import { describeProblem, problemOf } from "../arbitrary-problems.ts";

const native = createNative();

const outputFor = ({ shape }: Problem): Float32Array => guardedOutput(elementCount(shape, "output"));

describe.runIf(native.unavailable?.() === null)("a layer in machine code", () => {
  it("is right in every row around heads of any variant, with all that it may have", () => {
    fc.assert(
      fc.property(layersFor(native), (problem) => {
        const failure = failureInAnyRow(problem, native);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    { heads: 2, headDim: 70, modelDim: 65 },
    { heads: 3, headDim: 7, modelDim: 40 },
  ])("agrees with the js family over more rows than weights are read in place for, $heads heads", (sizes) => {
    const problem = layerOver({ ...sizes, length: 1100 });
    const [got, expected] = [outputOf(problem, native), outputOf(problem, js)];
    const size = Math.sqrt(expected.reduce((sum, x) => sum + x * x, 0));
    const error = Math.sqrt(expected.reduce((sum, x, at) => sum + (x - got[at]) ** 2, 0));
    expect(error).toBeLessThanOrEqual(3e-6 * size);
  });

  it("gives the same bits on several threads as on one, call after call", () => {
    const few = layersFor(native);
    fc.assert(
      fc.property(
        fc.oneof(few, fc.constant(layerOver(LONG))),
        fc.integer({ min: 2, max: 4 }),
        (problem, threads) => {
          const expected = outputOf(problem, native);
          const runnable = native.prepare({ ...problem, threads }, outputFor(problem));
          for (let call = 0; call < 2; call++) {
            runnable.output().fill(Number.NaN);
            runnable.run();
            expect(runnable.output()).toEqual(expected);
          }
          runnable.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([60, 1100])("reads weights and tokens anew in each call, over %i rows", (length) => {
    const problem = layerOver({ heads: 2, headDim: 9, modelDim: 12, length });
    const runnable = native.prepare(problem, outputFor(problem));
    runnable.run();
    const before = runnable.output().slice();
    tensorNamed(problem.inputs, LAYER_WEIGHTS.k.matrix).reverse();
    problem.inputs.v.reverse();
    runnable.run();
    const after = runnable.output().slice();
    runnable.dispose();
    expect(after).not.toEqual(before);
    expect(after).toEqual(outputOf(problem, native));
  });

  it("is refused in words where its keys are pooled, or its heads are", () => {
    const why = (mechanism: Mechanism) =>
      native.supports({
        mechanism,
        shape: shapeOf({ batch: 1, heads: 1, length: 16, headDim: 8 }),
        causal: false,
        threads: 1,
      });
    expect(why(parameterize(sagan, {}).mechanism)).toBe("it pools no squares of pixels");
    const { mechanism } = layerOver({ heads: 1, headDim: 8, modelDim: 8, length: 16 });
    const inner = parameterize(clustered, {}).mechanism;
    expect(why({ ...mechanism, inner } as Mechanism)).toBe("it does no clusters");
  });
});

/** So many rows that weights are laid out anew. */
const LONG = { heads: 2, headDim: 20, modelDim: 33, length: 1100 };

function layerOver({
  modelDim,
  length,
  ...heads
}: {
  heads: number;
  headDim: number;
  modelDim: number;
  length: number;
}): JudgedProblem {
  const shape = shapeOf({ batch: 1, length, ...heads });
  const around = layerAround(
    builtInKinds.judged({ mechanism: parameterize(local, { left: 20 }).mechanism }),
    {
      ...shape,
      ...{ modelDim, positions: "sinusoidal", biases: true },
    },
  );
  return problemOf(around, shapeOf({ batch: 1, heads: 1, length, headDim: modelDim }), false);
}

function outputOf(problem: Problem, kernel: ReadyKernel): Float32Array {
  const runnable = kernel.prepare(problem, outputFor(problem));
  try {
    runnable.run();
    return runnable.output();
  } finally {
    runnable.dispose();
  }
}
