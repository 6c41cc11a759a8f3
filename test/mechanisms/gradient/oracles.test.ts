import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { isGradient } from "../../../src/mechanisms/gradient/declare.ts";
import type { SoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { band, everything } from "../../../src/pattern/band.ts";
import {
  alsoUnlike,
  anyForms,
  describeProblem,
  isDefined,
  problemOf,
  problemsFor,
} from "../../kernels/arbitrary-problems.ts";
import { recurrenceMechanisms } from "../../kernels/recurrence-problems.ts";
import { apart } from "./apart.ts";
import { onGrid } from "./central-differences.ts";
import { gradientOf } from "./gradient-problem.ts";

/** Few numbers, since every one of them takes six forward passes. */
const shapes = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 9 }),
      headDim: fc.integer({ min: 1, max: 4 }),
    })
    .map(shapeOf),
);

const recurrentShapes = shapes.map(({ batch, kvHeads, length, headDim, valueDim }) =>
  shapeOf({ batch, heads: kvHeads, length, headDim, valueDim }),
);

const problems = problemsFor(null, shapes)
  .map((problem) => onGrid(gradientOf(problem)))
  .filter(isDefined);

/** Softmax attention alone in any form: forms are rare among the problems of all kinds. */
const formed = fc
  .record({
    forms: anyForms,
    pattern: fc.constantFrom(everything(), band(2, 1)),
    shape: shapes,
    causal: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ forms, pattern, shape, causal, seed }) => {
    const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern, ...forms };
    return onGrid(gradientOf(problemOf(mechanism, shape, causal, "gaussian", seed)));
  })
  .filter(isDefined);

/** Recurrences in any form that can be declared, most of which no variant has. */
const recurrent = fc
  .record({ mechanism: recurrenceMechanisms, shape: recurrentShapes, seed: fc.nat() })
  .map(({ mechanism, shape, seed }) =>
    onGrid(gradientOf(problemOf(mechanism, shape, true, "gaussian", seed))),
  )
  .filter(isDefined);

const featured = problemsFor(null, shapes)
  .filter(({ mechanism }) => isFeatureMap(mechanism))
  .map((problem) => onGrid(gradientOf(problem)))
  .filter(isDefined);

describe("the gradients of every kind that has one", () => {
  it.each([
    ["", problems],
    [", in any form of softmax attention", formed],
    [", in any form of a recurrence", recurrent],
    [", through any feature map", featured],
  ])("are those of central differences of its forward oracle in float64%s", (_of, some) => {
    fc.assert(
      fc.property(some, fc.array(fc.nat(), { minLength: 3, maxLength: 6 }), (problem, draws) => {
        const { mechanism } = problem;
        if (!isGradient(mechanism)) throw new TypeError("must be a gradient");
        const wrong = apart(problem, draws);
        if (wrong !== null)
          expect(`${describeProblem({ ...problem, mechanism: mechanism.of })}: ${wrong}`).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
