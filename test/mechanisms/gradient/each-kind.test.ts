import fc, { type Arbitrary } from "fast-check";
import { expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { isGradient } from "../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { layersFor } from "../../kernels/arbitrary-layers.ts";
import { alsoUnlike, describeProblem, isDefined, problemsFor } from "../../kernels/arbitrary-problems.ts";
import { apart } from "./apart.ts";
import { onGrid } from "./central-differences.ts";
import { gradientOf } from "./gradient-problem.ts";

/** Few numbers, since every one of them takes six forward passes. */
const shapes = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 12 }),
      headDim: fc.integer({ min: 1, max: 4 }),
    })
    .map(shapeOf),
);

/** Of all variants these have few: among problems of any they would hardly be drawn. */
const KINDS = ["summary", "synthesizer", "aft", "convolution", "fourier", "cell", "selection", "layer"];

it.each(KINDS)(
  "the gradient of %s is that of central differences of its forward oracle in float64",
  (kind) => {
    holds(
      problemsFor(null, shapes).filter(({ mechanism }) => mechanism.kind === kind),
      60,
    );
  },
);

it("the gradient of a layer around any of them is, too", () => {
  // What there is of a layer in float64 does not depend on a kernel, and this one takes all.
  holds(layersFor(js, shapes), 40);
});

function holds(of: Arbitrary<JudgedProblem>, numRuns: number): void {
  const problems = of.map((problem) => onGrid(gradientOf(problem))).filter(isDefined);
  fc.assert(
    fc.property(problems, fc.array(fc.nat(), { minLength: 3, maxLength: 6 }), (problem, draws) => {
      const { mechanism } = problem;
      if (!isGradient(mechanism)) throw new TypeError("must be a gradient");
      const wrong = apart(problem, draws);
      if (wrong !== null)
        expect(`${describeProblem({ ...problem, mechanism: mechanism.of })}: ${wrong}`).toBeNull();
    }),
    { numRuns },
  );
}
