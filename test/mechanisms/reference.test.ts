import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { everyRow } from "../../src/core/rows.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { type FeatureMap, isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { fullOracle } from "../../src/mechanisms/full-oracle.ts";
import { float32, float64, type ReferenceRow } from "../../src/mechanisms/oracle.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { isSummary } from "../../src/mechanisms/summary/declare.ts";
import { full } from "../../variants/dense/full.ts";
import { problemOf, problemsFor } from "../kernels/arbitrary-problems.ts";
import { attendsNothing } from "../kernels/hand-written-patterns.ts";
import { ofPattern, reference, rowOf } from "./judge.ts";

const shapes = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    heads: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 30 }),
    headDim: fc.integer({ min: 1, max: 10 }),
  })
  .map(shapeOf);
const problems = problemsFor(null, shapes);
/** Those whose rows are values weighed by numbers that are not negative. */
const weighing = problems.filter(
  ({ mechanism }) => mechanism.kind === "softmaxPattern" || (isFeatureMap(mechanism) && !isSigned(mechanism)),
);

/** Whether products of features may be negative: of sines, and of cosines of a distance past the horizon. */
function isSigned({ feature: { kind } }: FeatureMap): boolean {
  return kind === "trigonometric" || kind === "reweighted";
}

describe("reference", () => {
  it("gives the same row whichever rows were asked for before", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const [once, again] = [rowOf(reference(problem)), rowOf(reference(problem))];
        const places = everyRow(problem.shape);
        const numbers = ({ values, slack }: ReferenceRow) => [values, slack()];
        const forwards = places.map(({ batch, head, row }) => numbers(once(batch, head, row, float64)));
        const backwards = places
          .toReversed()
          .map(({ batch, head, row }) => numbers(again(batch, head, row, float64)));
        expect(backwards.toReversed()).toEqual(forwards);
      }),
      { numRuns: 40 },
    );
  });

  it("rounds every number to float32 where it is asked to", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const row = rowOf(reference(problem));
        for (const place of everyRow(problem.shape)) {
          const { values } = row(place.batch, place.head, place.row, float32);
          expect(values.every((value) => Math.fround(value) === value)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("knows how large its sums are before anything cancels: the row of |v|, or more where sums are made of sums", () => {
    fc.assert(
      fc.property(weighing, (problem) => {
        const { inputs } = problem;
        const sizes = { ...inputs, v: inputs.v.map(Math.abs) };
        const ofSizes = rowOf(reference({ ...problem, inputs: sizes }));
        const row = rowOf(reference(problem));
        for (const { batch, head, row: query } of everyRow(problem.shape)) {
          const { values, magnitudes } = row(batch, head, query, float64);
          if (!isSummary(problem.mechanism)) {
            expect(magnitudes).toEqual(ofSizes(batch, head, query, float64).values);
          }
          for (let column = 0; column < values.length; column++) {
            expect(Math.abs(values[column])).toBeLessThanOrEqual(magnitudes[column] * (1 + 1e-12));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("moves by no more than its slack where every key of a pattern and every value moves by one rounding", () => {
    fc.assert(
      fc.property(weighing, fc.integer(), (problem, seed) => {
        const { inputs, mechanism } = problem;
        const random = randomStream(seed);
        const moved = (tensor: Float32Array) => tensor.map((x) => neighbour(x, random.below(2) === 0));
        const v = moved(inputs.v);
        const k = isSoftmaxPattern(mechanism) ? moved(inputs.k) : inputs.k;
        const exact = rowOf(reference(problem));
        const off = rowOf(reference({ ...problem, inputs: { ...inputs, k, v } }));
        for (const { batch, head, row } of everyRow(problem.shape)) {
          const { values, slack } = exact(batch, head, row, float64);
          const others = off(batch, head, row, float64).values;
          for (const [i, most] of slack().entries()) {
            expect(Math.abs(others[i] - values[i])).toBeLessThanOrEqual(most * (1 + 1e-6));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("takes a key of weight 0 as certain, however large its logit, and a tie of large ones as open", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 2, headDim: 1 });
    const problem = problemOf(parameterize(full, {}).mechanism, shape, false);
    const slackWith = (keys: readonly number[]) => {
      problem.inputs.q.set([1, 1]);
      problem.inputs.k.set(keys);
      problem.inputs.v.set([1, -1]);
      return rowOf(reference(problem))(0, 0, 0, float64).slack()[0];
    };
    expect(slackWith([1, -1e9])).toBeLessThan(3 * 2 ** -23);
    expect(slackWith([1e9, 1e9])).toBeGreaterThan(1);
  });

  it("gives zeros where a row attends nothing", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 3, headDim: 2 });
    const row = rowOf(reference(problemOf(ofPattern(attendsNothing), shape, false)));
    const zeros = new Float64Array(2);
    const { values, magnitudes, slack } = row(0, 0, 1, float64);
    expect([values, magnitudes, slack()]).toEqual([zeros, zeros, zeros]);
  });
});

describe("fullOracle", () => {
  it("is full attention on the inputs of any problem, causal where that is", () => {
    const { mechanism } = parameterize(full, {});
    fc.assert(
      fc.property(problems, (problem) => {
        const dense = rowOf(fullOracle(problem));
        const own = rowOf(reference({ ...problem, mechanism }));
        for (const { batch, head, row } of everyRow(problem.shape)) {
          const [a, b] = [dense(batch, head, row, float64), own(batch, head, row, float64)];
          expect([a.values, a.magnitudes, a.slack()]).toEqual([b.values, b.magnitudes, b.slack()]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** The float32 number next to one, away from zero or towards it; zero stays. */
function neighbour(x: number, away: boolean): number {
  const words = new Int32Array(Float32Array.of(x).buffer);
  if (x !== 0) words[0] += away ? 1 : -1;
  return new Float32Array(words.buffer)[0];
}
