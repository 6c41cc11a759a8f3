import { expect, test } from "vitest";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";

const shape = shapeOf({ batch: 2, heads: 2, length: 70, headDim: 8 });
const problems = [
  problemOf(parameterize(local, { window: 5 }).mechanism, shape, false),
  problemOf(parameterize(linear, {}).mechanism, shape, true),
];

function gate(problem: JudgedProblem, kernel: Kernel, seed = 1) {
  const places = gateRows(problem.shape, seed);
  const output = guardedOutput(elementCount(problem.shape));
  return prepareCase(problem, kernel, {
    places,
    fullRows: null,
    seed,
    output,
    second: null,
    now: () => 0,
  });
}

/** Another kernel's right output, got as `when` says. */
function dishonest(id: string, run: (compute: () => void, output: Float32Array) => () => void) {
  return simpleKernel({
    id,
    prepare(problem, output) {
      const inner = js.prepare(problem, output);
      return run(() => inner.run(), output);
    },
  });
}

const inPrepare = dishonest("in-prepare", (compute, output) => {
  compute();
  const ready = output.slice();
  return () => output.set(ready);
});
const remembering = dishonest("remembering", (compute, output) => {
  let ready: Float32Array | undefined;
  return () => {
    if (ready === undefined) compute();
    ready ??= output.slice();
    output.set(ready);
  };
});
const onlyOverNaN = dishonest("only-over-nan", (compute, output) => () => {
  if (Number.isNaN(output[0])) compute();
});
const keysPacked = simpleKernel({
  id: "keys-packed-in-prepare",
  prepare(problem, output) {
    const k = problem.inputs.k.slice();
    return () => js.prepare({ ...problem, inputs: { ...problem.inputs, k } }, output).run();
  },
});

test.each([inPrepare, remembering, onlyOverNaN, keysPacked])(
  "$id does its work outside of the timed call, and is refused",
  async (kernel) => {
    for (const problem of problems) {
      const before = problem.inputs.q.slice();
      const result = await gate(problem, kernel);
      expect(result.outcome).toBe("red");
      expect(result.outcome === "red" && result.reason).toMatch(/: row \d+ of batch/);
      expect(problem.inputs.q).toEqual(before);
    }
  },
);

test.each([js, createWasm("auto")])(
  "$id computes from what it is given at each call, and passes",
  async (kernel) => {
    for (const problem of problems) expect((await gate(problem, kernel)).outcome).toBe("green");
  },
);

// With these the float32 pass of seven rows was lucky where a kernel's sum of 256 products was not.
test.each([1001, 1143])("no sum of a right kernel is too unlucky for low scores, seed %i", async (seed) => {
  const wide = shapeOf({ batch: 1, heads: 1, length: 64, headDim: 256 });
  for (const causal of [false, true]) {
    const problem = problemOf(parameterize(local, { window: 15 }).mechanism, wide, causal, "gaussian", seed);
    expect(await gate(problem, createWasm("auto"), seed)).toMatchObject({ outcome: "green" });
  }
});
