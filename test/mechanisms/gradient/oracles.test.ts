import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { isGradient } from "../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
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
import { difference, onGrid } from "./central-differences.ts";
import { everyRowOf, gradientOf } from "./gradient-problem.ts";

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

/** How far a number of the closed form is from that of differences, if further than those may be off themselves. */
function apart(problem: JudgedProblem, draws: readonly number[]): string | null {
  const rows = Object.values(Object.groupBy(everyRowOf(problem), ({ tensor = "" }) => tensor));
  // Each tensor as often as another, however few rows it has.
  const places = draws.flatMap((draw, index) => {
    const own = rows[(draws[0] + index) % rows.length] ?? [];
    return own.slice(draw % own.length, (draw % own.length) + 1);
  });
  const exact = problem.kind.oracle(problem).rows(places, float64);
  for (const [index, place] of places.entries()) {
    const { values } = exact[index];
    const column = draws[index] % values.length;
    const { value, off } = difference(problem, place, column);
    if (Math.abs(values[column] - value) <= off) continue;
    return `${JSON.stringify(place)} column ${column}: ${values[column]}, by differences ${value}, ${off} off at most`;
  }
  return null;
}

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
