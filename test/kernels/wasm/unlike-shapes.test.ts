import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorBudget } from "../../../src/core/error-budget.ts";
import type { Problem } from "../../../src/core/problem.ts";
import { countOf, elementCount, kvHeadOf, layoutOf, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float32, float64 } from "../../../src/mechanisms/oracle.ts";
import { full } from "../../../variants/dense/full.ts";
import { examples } from "../../examples.ts";
import { ofPattern, reference } from "../../mechanisms/judge.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import {
  describeProblem,
  nonFinitePlants,
  problemOf,
  problemsFor,
  withPlants,
} from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

/** At most as many queries as keys, in grouped heads; full attention takes more. */
const fewQueries: fc.Arbitrary<Shape> = fc
  .tuple(fc.integer({ min: 1, max: 140 }), fc.integer({ min: 1, max: 140 }), fc.integer({ min: 1, max: 20 }))
  .map(([one, other, headDim]) => ({ length: Math.max(one, other), queries: Math.min(one, other), headDim }))
  .map((tokens) => shapeOf({ batch: 2, heads: 2, kvHeads: 1, ...tokens }));
const manyQueries = fewQueries.map((shape) => {
  return { ...shape, length: shape.queries, queries: shape.length };
});

/** Heads of k and v, each read by one to four of q. */
const grouped: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 4 }),
    length: fc.integer({ min: 1, max: 140 }),
    headDim: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ group, ...rest }) => shapeOf({ ...rest, heads: rest.kvHeads * group }));

describe("grouped heads", () => {
  it("give the bits of k and v repeated for every head of q, on one thread and on several", () => {
    fc.assert(
      fc.property(problemsFor(wasm, grouped), fc.integer({ min: 1, max: 3 }), (problem, threads) => {
        expectSame({ ...problem, threads }, repeated(problem));
      }),
      examples(200),
    );
  });

  it("do so with heads whose patterns differ, and with numbers that are not finite", () => {
    fc.assert(
      fc.property(algebraWithDraws, grouped, nonFinitePlants, (pattern, shape, plants) => {
        const problem = withPlants(problemOf(ofPattern(pattern), shape, false), plants);
        expectSame(problem, repeated(problem));
      }),
      examples(300),
    );
  });

  it("are right in every row", () => {
    fc.assert(
      fc.property(problemsFor(wasm, grouped), (problem) => {
        expectRight(problem);
      }),
      examples(),
    );
  });
});

describe("queries that are other tokens than the keys", () => {
  it("attend the keys that they would as the last of them, in any pattern and on several threads", () => {
    fc.assert(
      fc.property(
        algebraWithDraws,
        fewQueries,
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        (pattern, shape, causal, threads) => {
          expectOracle({ ...problemOf(ofPattern(pattern), shape, causal), threads });
        },
      ),
      examples(200),
    );
  });

  it("may be more than the keys in full attention, of which the first then attend none if it is causal", () => {
    const { mechanism } = parameterize(full, {});
    fc.assert(
      fc.property(manyQueries, fc.boolean(), (shape, causal) => {
        const problem = problemOf(mechanism, shape, causal);
        expectOracle(problem);
        if (!causal) return;
        const empty = (shape.queries - shape.length) * shape.valueDim;
        expect(outputOf(problem).subarray(0, empty)).toEqual(new Float32Array(empty));
      }),
      examples(),
    );
  });
});

/** Every row against the reference, within what float32 allows. */
function expectOracle(problem: JudgedProblem): void {
  expect(wasm.supports(problem)).toBe(true);
  const { heads, rows, width, batch } = layoutOf(problem.shape, "output");
  const places = Array.from({ length: batch * heads * rows }, (_, at) => {
    return { batch: Math.floor(at / rows / heads), head: Math.floor(at / rows) % heads, row: at % rows };
  });
  const oracle = reference(problem);
  const exact = oracle.rows(places, float64);
  const slacks = exact.map((row) => row.slack());
  const rounding = oracle
    .rows(places, float32)
    .flatMap(({ values }, at) =>
      [...values].map((value, i) => apart(value, exact[at].values[i], slacks[at][i])),
    )
    .reduce((most, one) => Math.max(most, one), 0);
  const output = outputOf(problem);
  for (const [at, { values }] of exact.entries()) {
    for (let i = 0; i < width; i++) {
      const budget = errorBudget(slacks[at][i], rounding);
      const got = output[at * width + i];
      if (Math.abs(got - values[i]) <= budget) continue;
      const where = `${describeProblem(problem)}: ${JSON.stringify(places[at])}, column ${i}`;
      expect(`${where}: ${got}`).toBe(`${where}: ${values[i]}`);
    }
  }
}

function apart(a: number, b: number, slack: number): number {
  return a === b ? 0 : Math.abs(a - b) / slack;
}

function expectRight(problem: JudgedProblem): void {
  const failure = failureInAnyRow(problem, wasm);
  if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
}

function expectSame(problem: JudgedProblem, other: Problem): void {
  const [got, expected] = [outputOf(problem), outputOf(other)];
  expect(got.length).toBe(expected.length);
  const at = got.findIndex((value, index) => !Object.is(value, expected[index]));
  if (at >= 0) expect(`${describeProblem(problem)}: at ${at}: ${got[at]}, ${expected[at]}`).toBeNull();
}

/** Twice: what a call leaves behind must not reach the next. */
function outputOf(problem: Problem): Float32Array {
  const runnable = wasm.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  runnable.run();
  runnable.output().fill(Number.NaN);
  runnable.run();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}

/** The same call with a head of k and v for every head of q. */
function repeated(problem: JudgedProblem): JudgedProblem {
  const { shape, inputs } = problem;
  const alike = shapeOf({ ...shape, kvHeads: shape.heads });
  const repeat = (name: "k" | "v"): Float32Array => {
    const [from, to] = [layoutOf(shape, name), layoutOf(alike, name)];
    const size = from.rows * from.width;
    const all = new Float32Array(countOf(to));
    for (let slice = 0; slice < shape.batch * shape.heads; slice++) {
      const batch = Math.floor(slice / shape.heads);
      const source = (batch * from.heads + kvHeadOf(shape, slice % shape.heads)) * size;
      all.set(inputs[name].subarray(source, source + size), slice * size);
    }
    return all;
  };
  return {
    ...problem,
    shape: alike,
    inputs: { shape: alike, q: inputs.q, k: repeat("k"), v: repeat("v") },
  };
}
