import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { outputCount } from "../../src/core/outputs.ts";
import { countOf, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { isGradient } from "../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { featureMaps } from "../../variants/feature-map/index.ts";
import { recurrences } from "../../variants/recurrence/index.ts";
import { everyRowOf, gradientOf } from "../mechanisms/gradient/gradient-problem.ts";
import { alsoUnlike, describeProblem, isDefined, problemOf, problemsFor } from "./arbitrary-problems.ts";
import { extremes, recurrenceMechanisms, withExtremes } from "./recurrence-problems.ts";

/** Lengths on both sides of the blocks of a scan. */
const shapes = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 70 }),
      headDim: fc.integer({ min: 1, max: 12 }),
    })
    .map(shapeOf),
);
const passes = fc.constantFrom("backward", "train");

const ofFeatureMaps = fc
  .tuple(
    problemsFor(null, shapes).filter(({ mechanism }) => isFeatureMap(mechanism)),
    passes,
  )
  .map(([problem, pass]) => gradientOf(problem, pass))
  .filter(isDefined);

const ofRecurrences = fc
  .record({ mechanism: recurrenceMechanisms, shape: shapes, seed: fc.nat(), pass: passes, ends: extremes })
  .map(({ mechanism, shape: { batch, kvHeads, length, headDim, valueDim }, seed, pass, ends }) => {
    const shape = shapeOf({ batch, heads: kvHeads, length, headDim, valueDim });
    const problem = problemOf(mechanism, shape, true, "gaussian", seed);
    return gradientOf(seed % 2 === 0 ? problem : withExtremes(problem, ends), pass, seed);
  })
  .filter(isDefined);

/** What is wrong with a call into an output that holds NaN. */
function failureOf(problem: JudgedProblem): string | null {
  const places = everyRowOf(problem);
  const { compare } = expectation(problem, problem.kind.oracle(problem), places, 0);
  const output = guardedOutput(outputCount(outputsOf(problem))).fill(Number.NaN);
  const runnable = js.prepare(problem, output);
  runnable.save?.();
  runnable.run();
  const first = compare(runnable.output()).failure;
  const bits = output.slice();
  runnable.run();
  runnable.dispose();
  if (first !== null) return first;
  const at = bits.findIndex((x, i) => !Object.is(x, output[i]));
  return at < 0 ? null : `number ${at} is ${bits[at]}, and ${output[at]} when it is called once more`;
}

describe("kernel js", () => {
  it.each<[string, Arbitrary<JudgedProblem>]>([
    ["feature maps", ofFeatureMaps],
    ["recurrences", ofRecurrences],
  ])(
    "has the gradients of %s in every row within budget, and the same when called again",
    (_of, problems) => {
      fc.assert(
        fc.property(problems, (problem) => {
          const { mechanism } = problem;
          if (!isGradient(mechanism)) throw new TypeError("must be a gradient");
          expect(supportsPass(js, problem)).toBe(true);
          const title = `${mechanism.pass} of ${describeProblem({ ...problem, mechanism: mechanism.of })}`;
          expect([title, failureOf(problem)]).toEqual([title, null]);
        }),
        { numRuns: 150 },
      );
    },
  );

  /** A thousandth of a gradient is far below an error of the definition, and far above what float32 takes. */
  it.each(
    [...featureMaps, ...recurrences].flatMap((variant) =>
      (["backward", "train"] as const).map((pass) => ({ variant, pass, title: `${variant.id}, ${pass}` })),
    ),
  )("is red where any tensor of a gradient is a thousandth off: $title", ({ variant, pass }) => {
    const shape = shapeOf({ batch: 1, heads: 2, length: 40, headDim: 8 });
    const { mechanism } = parameterize(variant, {});
    const problem = gradientOf(problemOf(mechanism, shape, true), pass);
    const outputs = outputsOf(problem);
    const output = guardedOutput(outputCount(outputs));
    const runnable = js.prepare(problem, output);
    runnable.save?.();
    runnable.run();
    const expected = expectation(problem, problem.kind.oracle(problem), everyRowOf(problem), 0);
    expect(expected.unproven).toBeNull();
    expect(expected.compare(output).failure).toBeNull();
    for (const { name, layout, offset } of outputs) {
      const spoiled = output.slice();
      for (let at = offset; at < offset + countOf(layout); at++) spoiled[at] *= 1.001;
      expect([name, expected.compare(spoiled).failure]).toEqual([name, expect.stringMatching(/over budget/)]);
    }
  });

  /** Where gradients cancel: one key, one channel, and scores that leave one key or none. */
  it.each([...featureMaps, ...recurrences].map((variant) => ({ variant, title: variant.id })))(
    "is told from what is wrong also where gradients cancel: $title",
    ({ variant }) => {
      for (const shape of [
        shapeOf({ batch: 1, heads: 1, length: 1, headDim: 1 }),
        shapeOf({ batch: 2, heads: 1, length: 2, headDim: 16 }),
        shapeOf({ batch: 1, heads: 1, length: 40, headDim: 1 }),
      ]) {
        for (const kind of ["gaussian", "peaked"] as const) {
          const problem = gradientOf(problemOf(parameterize(variant, {}).mechanism, shape, true, kind));
          const { unproven } = expectation(problem, problem.kind.oracle(problem), everyRowOf(problem), 0);
          expect([shape, kind, unproven]).toEqual([shape, kind, null]);
          expect([shape, kind, failureOf(problem)]).toEqual([shape, kind, null]);
        }
      }
    },
  );
});
