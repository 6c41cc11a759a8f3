import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outputCount } from "../../src/core/outputs.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { isGradient } from "../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { askOf, handedChoice } from "../../src/verify/handed-choice.ts";
import { handedOut } from "../../src/verify/handed-out.ts";
import { everyRowOf, gradientOf } from "../mechanisms/gradient/gradient-problem.ts";
import { alsoUnlike, describeProblem, isDefined, problemsFor } from "./arbitrary-problems.ts";

/** Both sides of a tile: each row of dk costs the reference as much as all. */
const shapes = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constantFrom(31, 32, 33, 64, 65)),
      headDim: fc.integer({ min: 1, max: 20 }),
    })
    .map(shapeOf),
);

async function failure(problem: JudgedProblem, kernel: Kernel): Promise<string | null> {
  const output = guardedOutput(outputCount(outputsOf(problem)));
  const runnable = await kernel.prepare(handedOut(problem), output);
  try {
    await runnable.load?.();
    await runnable.save?.();
    runnable.output().fill(Number.NaN);
    runnable.run();
    await runnable.finish?.();
    await runnable.fetch?.();
    const expected = expectation(problem, problem.kind.oracle(problem), everyRowOf(problem), 0);
    return expected.compare(runnable.output(), handedChoice(problem, askOf(runnable))).failure;
  } finally {
    runnable.dispose();
  }
}

const problems = fc
  .tuple(problemsFor(null, shapes), fc.constantFrom("backward", "train"), fc.nat())
  .map(([problem, pass, seed]) => gradientOf(problem, pass, seed))
  .filter(isDefined);

describe.each(builtInKernels())("kernel $id", (kernel) => {
  const taken = fc.sample(problems, 50).filter((problem) => supportsPass(kernel, problem) === true);

  it.skipIf(taken.length === 0)(
    "gives every row of every gradient that it takes, in any form and shape",
    async () => {
      const some = problems.filter((problem) => supportsPass(kernel, problem) === true);
      await fc.assert(
        fc.asyncProperty(some, async (problem) => {
          const { mechanism } = problem;
          const wrong = await failure(problem, kernel);
          if (wrong === null || !isGradient(mechanism)) return;
          expect(`${describeProblem({ ...problem, mechanism: mechanism.of })}: ${wrong}`).toBeNull();
        }),
      );
    },
  );
});
