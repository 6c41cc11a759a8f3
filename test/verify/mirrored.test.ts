import { expect, it } from "vitest";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { guardedOutput, type ReadyKernel } from "../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { whileTurned } from "../../src/verify/changed-inputs.ts";
import { mirrored } from "../../src/verify/mirrored.ts";
import { full } from "../../variants/dense/full.ts";
import { global } from "../../variants/sparse/global.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { planted } from "./planted-kernels.ts";
import { failureInAnyRow } from "./whole-gate.ts";

const shape = shapeOf({ batch: 2, heads: 2, length: 31, headDim: 4 });

function outputOf(problem: JudgedProblem, kernel: ReadyKernel): Float32Array {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape)));
  runnable.run();
  return runnable.output().slice();
}

async function opinionOn(
  variant: typeof full,
  params: Record<string, unknown>,
  spoil = (_: Float32Array) => {},
) {
  const problem = problemOf(parameterize(variant, params).mechanism, shape, false);
  const right = planted("right");
  expect(failureInAnyRow(problem, right)).toBeNull();
  const turned = whileTurned(problem, () => outputOf(problem, right));
  const output = outputOf(problem, right);
  spoil(output);
  spoil(turned);
  return mirrored(problem, output, turned);
}

it("names the rows that are wrong at the same place of both outputs, where the pattern is its own mirror image", async () => {
  const wrong = (output: Float32Array) => output.fill(0.5, 7 * 4, 9 * 4);
  for (const [variant, params] of [
    [full, {}],
    [local, { window: 3 }],
  ] as const) {
    const opinion = await opinionOn(variant, params, wrong);
    expect(opinion?.rows).toBe(2 * 2 * 30);
    const rows = opinion?.unlike.map(({ batch, head, row }) => `${batch} ${head} ${row}`);
    expect(rows).toEqual(expect.arrayContaining(["0 0 7", "0 0 8"]));
  }
});

it("has rounding alone to tell of right outputs, and compares only rows that have a twin", async () => {
  expect((await opinionOn(full, {}))?.rows).toBe(2 * 2 * 30);
  // The first tokens see all, and are seen by all; the last are not.
  const rows = (await opinionOn(global, { tokens: 3 }))?.rows;
  expect(rows ?? 0).toBeLessThan(2 * 2 * 30);
});
