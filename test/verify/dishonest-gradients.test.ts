import { describe, expect, it } from "vitest";
import { outputCount } from "../../src/core/outputs.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { rowsToCheck } from "../../src/verify/gradient-rows.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { full } from "../../variants/dense/full.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { gradientOf } from "../mechanisms/gradient/gradient-problem.ts";
import { honestGradients, mistakenGradients, skippingGradients } from "./dishonest-gradients.ts";

const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 61, headDim: 8, valueDim: 6 });
const problems = [
  { what: "a causal window", problem: problemOf(parameterize(local, { window: 20 }).mechanism, shape, true) },
  { what: "full attention", problem: problemOf(parameterize(full, {}).mechanism, shape, false) },
].map(({ what, problem }) => ({ what, problem: gradientOf(problem) }));

/** What becomes of a kernel at the gate and in rounds of short slots: null where it stays green, or why not. */
async function fault(problem: JudgedProblem, kernel: Kernel): Promise<string | null> {
  const result = await prepareCase(problem, kernel, {
    places: rowsToCheck(problem, 1),
    fullRows: null,
    seed: 1,
    output: guardedOutput(outputCount(outputsOf(problem))),
    second: null,
    now: () => 0,
  });
  if (result.outcome !== "green") return result.reason;
  for (let round = 0; round < 6; round++) {
    result.begin(6, 3);
    result.runnable.run();
    for (let sample = 0; sample < 3; sample++) {
      result.before?.();
      for (let call = 0; call < 2; call++) result.call();
    }
    const wrong = (await result.verify()) ?? (await result.recheck());
    if (wrong !== null) return wrong;
  }
  return null;
}

describe.each(problems)("of the gradient of $what, verification", ({ problem }) => {
  it.each(skippingGradients)("finds what $id leaves out", async (kernel) => {
    expect(await fault(problem, kernel)).toMatch(
      /d[qkv], row \d+ of batch 0, head \d|saved\(\) must return the same arrays/,
    );
  });

  it.each(honestGradients)("has nothing to say of $id", async (kernel) => {
    expect(await fault(problem, kernel)).toBeNull();
  });
});

it.each(mistakenGradients)("verification finds where $id is wrong, and names the row", async (kernel) => {
  expect(await fault(problems[0].problem, kernel)).toMatch(/d[qkv], row \d+ of batch 0, head \d, column \d/);
});
