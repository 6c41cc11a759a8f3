import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { BUILD_NAMES } from "../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { everything } from "../../../src/pattern/band.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemOf } from "../arbitrary-problems.ts";

const SHAPE = shapeOf({ batch: 1, heads: 2, length: 100, headDim: 9 });
const additive = () =>
  problemOf(
    { kind: "softmaxPattern", pattern: everything(), score: { kind: "tanh", seed: 1 } } as never,
    SHAPE,
    false,
  );

describe.each(BUILD_NAMES)("additive scores of the %s build", (name) => {
  const kernel = createWasm(name);
  const outputOf = (problem: JudgedProblem): Float32Array => {
    const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
    runnable.run();
    const output = runnable.output().slice();
    runnable.dispose();
    return output;
  };

  it("are right where queries and keys are too large for powers, some of them or all", () => {
    for (const every of [1, 3, 40]) {
      for (const size of [11, 40, 1000, 1e9]) {
        const problem = additive();
        const { q, k } = problem.inputs;
        for (let at = 0; at < q.length; at += 9 * every) q[at] = size;
        // Nearly opposite: powers that are cut off would give the tanh of 0.
        for (let at = 9 * (every - 1); at < k.length; at += 9 * every) k[at] = 0.5 - size;
        expect(failureInAnyRow(problem, kernel)).toBeNull();
      }
    }
  });

  it("have the same bits in rows whose own numbers are small, whatever the queries beside them are", () => {
    const problem = additive();
    const before = outputOf(problem);
    problem.inputs.q.fill(1e6, 9 * 7, 9 * 8);
    const after = outputOf(problem);
    const [from, to] = [9 * 7, 9 * 8];
    expect(after.subarray(0, from)).toEqual(before.subarray(0, from));
    expect(after.subarray(to)).toEqual(before.subarray(to));
    expect(after.subarray(from, to)).not.toEqual(before.subarray(from, to));
  });

  it("are within the budget where all numbers are tiny, of which powers keep the last places of 1 alone", () => {
    const problem = additive();
    for (const tensor of [problem.inputs.q, problem.inputs.k])
      tensor.forEach((x, at) => {
        tensor[at] = x * 1e-4;
      });
    expect(failureInAnyRow(problem, kernel)).toBeNull();
  });
});
