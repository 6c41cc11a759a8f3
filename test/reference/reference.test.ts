import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowOffset } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { float32, float64 } from "../../src/reference/precision.ts";
import { fullReference, reference } from "../../src/reference/reference.ts";
import { full } from "../../variants/full.ts";
import { problemOf, problemsFor } from "../kernels/arbitrary-problems.ts";
import { attendsNothing } from "../kernels/hand-written-patterns.ts";
import { everyRow } from "../measure/every-row.ts";

const shapes = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  heads: fc.integer({ min: 1, max: 2 }),
  length: fc.integer({ min: 1, max: 30 }),
  headDim: fc.integer({ min: 1, max: 10 }),
});
const problems = problemsFor(null, shapes);

describe("reference", () => {
  it("gives the same row whichever rows were asked for before", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const [once, again] = [reference(problem), reference(problem)];
        const places = everyRow(problem.shape);
        const forwards = places.map(({ batch, head, row }) => once(batch, head, row, float64));
        const backwards = places.toReversed().map(({ batch, head, row }) => again(batch, head, row, float64));
        expect(backwards.toReversed()).toEqual(forwards);
      }),
      { numRuns: 40 },
    );
  });

  it("rounds every number to float32 where it is asked to", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const row = reference(problem);
        for (const place of everyRow(problem.shape)) {
          const { values } = row(place.batch, place.head, place.row, float32);
          expect(values.every((value) => Math.fround(value) === value)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("knows how large its sums are before anything cancels: the row of |v|", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { inputs } = problem;
        const ofSizes = reference({ ...problem, inputs: { ...inputs, v: inputs.v.map(Math.abs) } });
        const row = reference(problem);
        for (const { batch, head, row: query } of everyRow(problem.shape)) {
          const { values, magnitudes } = row(batch, head, query, float64);
          expect(magnitudes).toEqual(ofSizes(batch, head, query, float64).values);
          for (let column = 0; column < values.length; column++) {
            expect(Math.abs(values[column])).toBeLessThanOrEqual(magnitudes[column] * (1 + 1e-12));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("amplifies by the largest logit of |q| and |k| among keys that have weight, and by √d for feature maps", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { inputs, shape, mechanism } = problem;
        const row = reference(problem);
        const patterns = mechanism.kind === "softmaxPattern" ? bindHeads(mechanism, problem) : null;
        for (const { batch, head, row: query } of everyRow(shape)) {
          let most = Math.sqrt(shape.headDim);
          if (patterns !== null) {
            const sizes: number[] = [];
            for (let key = 0; key < shape.length; key++) {
              if (!patterns[head].attends(query, key)) continue;
              let size = 0;
              for (let i = 0; i < shape.headDim; i++) {
                const product =
                  inputs.q[rowOffset(shape, batch, head, query) + i] *
                  inputs.k[rowOffset(shape, batch, head, key) + i];
                size += Math.abs(product) / Math.sqrt(shape.headDim);
              }
              sizes.push(size);
            }
            // At 30 tokens no weight is 0 in float64.
            most = Math.max(0, ...sizes);
          }
          expect(row(batch, head, query, float64).amplification).toBeCloseTo(most, 9);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("takes a key of weight 0 as certain, however large its logit", () => {
    const problem = problemOf(
      parameterize(full, {}).mechanism,
      { batch: 1, heads: 1, length: 2, headDim: 1 },
      false,
    );
    problem.inputs.q.set([1, 1]);
    problem.inputs.k.set([1, -1e9]);
    expect(reference(problem)(0, 0, 0, float64).amplification).toBe(1);
  });

  it("gives zeros where a row attends nothing", () => {
    const shape = { batch: 1, heads: 1, length: 3, headDim: 2 };
    const row = reference(problemOf({ kind: "softmaxPattern", pattern: attendsNothing }, shape, false));
    const zeros = new Float64Array(2);
    expect(row(0, 0, 1, float64)).toEqual({ values: zeros, magnitudes: zeros, amplification: 0 });
  });
});

describe("fullReference", () => {
  it("is full attention on the inputs of any problem, causal where that is", () => {
    const { mechanism } = parameterize(full, {});
    fc.assert(
      fc.property(problems, (problem) => {
        const [dense, own] = [fullReference(problem), reference({ ...problem, mechanism })];
        for (const { batch, head, row } of everyRow(problem.shape)) {
          expect(dense(batch, head, row, float64)).toEqual(own(batch, head, row, float64));
        }
      }),
      { numRuns: 40 },
    );
  });
});
