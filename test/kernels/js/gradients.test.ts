import fc, { type Arbitrary } from "fast-check";
import { expect, it } from "vitest";
import { GRADIENT_PASSES } from "../../../src/core/operation.ts";
import { outputCount } from "../../../src/core/outputs.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { isGradient } from "../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { askOf, copied, handedChoice } from "../../../src/verify/handed-choice.ts";
import { handedOut } from "../../../src/verify/handed-out.ts";
import { everyRowOf, gradientOf } from "../../mechanisms/gradient/gradient-problem.ts";
import { layersFor } from "../arbitrary-layers.ts";
import { alsoUnlike, describeProblem, isDefined, problemsFor } from "../arbitrary-problems.ts";

const shapes = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.oneof(fc.integer({ min: 1, max: 24 }), fc.constantFrom(1, 2, 65)),
      headDim: fc.integer({ min: 1, max: 9 }),
    })
    .map(shapeOf),
);

/** Kinds of few variants: among problems of any they would hardly be drawn. */
const KINDS = ["summary", "synthesizer", "aft", "convolution", "fourier", "cell", "selection"];

it.each(KINDS)("plain TypeScript is within the budget in every row of every gradient of %s", (kind) => {
  isRight(
    problemsFor(js, shapes).filter(({ mechanism }) => mechanism.kind === kind),
    40,
  );
});

it("and of layers around any of them", () => {
  isRight(layersFor(js, shapes), 30);
});

function isRight(of: Arbitrary<JudgedProblem>, numRuns: number): void {
  const problems = fc
    .tuple(of, fc.constantFrom(...GRADIENT_PASSES), fc.nat())
    .map(([problem, pass, seed]) => gradientOf(problem, pass, seed))
    .filter(isDefined);
  fc.assert(
    fc.property(problems, (problem) => {
      const { mechanism } = problem;
      if (!isGradient(mechanism)) throw new TypeError("must be a gradient");
      const wrong = js.supports(problem) === true ? failureOf(problem) : String(js.supports(problem));
      if (wrong !== null)
        expect(
          `${describeProblem({ ...problem, mechanism: mechanism.of })} ${mechanism.pass}: ${wrong}`,
        ).toBeNull();
    }),
    { numRuns },
  );
}

function failureOf(problem: JudgedProblem): string | null {
  const runnable = js.prepare(handedOut(problem), guardedOutput(outputCount(outputsOf(problem))));
  runnable.output().fill(Number.NaN);
  runnable.save?.();
  runnable.run();
  const handed = copied(handedChoice(problem, askOf(runnable), runnable.output()));
  const oracle = problem.kind.oracle(problem);
  return expectation(problem, oracle, everyRowOf(problem), 0).compare(runnable.output(), handed).failure;
}
