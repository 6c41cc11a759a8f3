import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { countOf, elementCount, kvHeadOf, layoutOf, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { examples } from "../../examples.ts";
import { ofPattern } from "../../mechanisms/judge.ts";
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
