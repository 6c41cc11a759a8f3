import fc from "fast-check";
import { expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { BIAS_TABLE } from "../../../src/pairwise/bind-biases.ts";
import { full } from "../../../variants/dense/full.ts";
import { local } from "../../../variants/sparse/local.ts";
import { streaming } from "../../../variants/sparse/streaming.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { describeNative } from "./here.ts";

const native = createNative();

/** Hundreds of keys, of wide heads too, and rows of one vector up to more than one item. */
const shapes = fc
  .record({
    batch: fc.constant(1),
    heads: fc.constantFrom(1, 2, 3, 6),
    length: fc.integer({ min: 400, max: 520 }),
    queries: fc.constantFrom(1, 17, 40, 60),
    headDim: fc.constantFrom(3, 64, 250, 256),
    valueDim: fc.constantFrom(1, 4, 20),
  })
  .map(shapeOf);

/** Small scores, which a far bias leaves no digits of if it is added to them before it has met the maximum. */
const scales = fc.constantFrom(0.001, 0.01, undefined);

/** Every key; those near; and first keys before a gap, over which a slope raises the maximum at once. */
const patterns = fc.constantFrom(
  { variant: full, values: {} },
  { variant: local, values: { window: 30 } },
  { variant: streaming, values: { sinks: 3, window: 4 } },
);

const problems = (bias: string) =>
  fc
    .record({
      shape: shapes,
      causal: fc.boolean(),
      pattern: patterns,
      scale: scales,
      seed: fc.nat(),
    })
    .map(({ shape, causal, pattern: { variant, values }, scale, seed }) => {
      const { mechanism } = parameterize(variant, { ...values, bias });
      return problemOf({ ...mechanism, ...(scale && { scale }) }, shape, causal, "gaussian", seed);
    });

/** The learned numbers of a bias, so much larger or further from 0. */
function learned(problem: JudgedProblem, times: number, plus: number): JudgedProblem {
  const numbers = tensorNamed(problem.inputs, BIAS_TABLE).map((number) => times * number + plus);
  const table = { [BIAS_TABLE]: numbers };
  return { ...problem, inputs: { ...problem.inputs, ...table } };
}

describeNative("attention in machine code with biases far from the scores", () => {
  it("is right in every row where slopes raise the maximum over hundreds of keys", () => {
    fc.assert(
      fc.property(problems("alibi"), (problem) => {
        expect(failureInAnyRow(problem, native)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it("is right in every row where learned biases are far apart, or all far away", () => {
    fc.assert(
      fc.property(
        problems("t5:32:128"),
        fc.constantFrom(1, 30, 1000),
        fc.constantFrom(0, -1000, 1000),
        (problem, times, plus) => {
          expect(failureInAnyRow(learned(problem, times, plus), native)).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is right in every row where scores are rounded by more than a weight can fall", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("none", "alibi").chain(problems),
        fc.integer({ min: 1, max: 12 }),
        (problem, decimals) => {
          const q = problem.inputs.q.map((number) => 10 ** (decimals / 2) * number);
          const k = problem.inputs.k.map((number) => 10 ** (decimals / 2) * number);
          expect(failureInAnyRow({ ...problem, inputs: { ...problem.inputs, q, k } }, native)).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  });
});
