import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { countOf, elementCount, layoutOf, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { full } from "../../../variants/dense/full.ts";
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
import { repeated } from "../repeated-heads.ts";
import { expectOracle } from "./unlike.ts";

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
          expectRows({ ...problemOf(ofPattern(pattern), shape, causal), threads });
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
        expectRows(problem);
        if (!causal) return;
        const empty = (shape.queries - shape.length) * shape.valueDim;
        expect(outputOf(problem).subarray(0, empty)).toEqual(new Float32Array(empty));
      }),
      examples(),
    );
  });
});

/** Widths of keys and of values, of which either may be the greater. */
const twoWidths: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    heads: fc.constantFrom(1, 2),
    length: fc.integer({ min: 1, max: 140 }),
    headDim: fc.integer({ min: 1, max: 40 }),
    valueDim: fc.integer({ min: 1, max: 40 }),
  })
  .map((shape) => shapeOf({ ...shape, kvHeads: 1 }));

describe("values of a width of their own", () => {
  it("give the columns that they would among wider ones, finite or not", () => {
    const plants = fc.oneof(nonFinitePlants, fc.constant<[]>([]));
    const threads = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(algebraWithDraws, twoWidths, plants, threads, (pattern, shape, planted, crew) => {
        const mechanism = { ...ofPattern(pattern), scale: 0.3 };
        const problem = { ...withPlants(problemOf(mechanism, shape, false), planted), threads: crew };
        const { valueDim } = shape;
        const wide = outputOf(asWide(problem));
        const width = Math.max(shape.headDim, valueDim);
        const got = outputOf(problem);
        expect(got.length).toBe((wide.length / width) * valueDim);
        const at = got.findIndex((value, index) => {
          return !Object.is(value, wide[Math.floor(index / valueDim) * width + (index % valueDim)]);
        });
        if (at >= 0) expect(`${describeProblem(problem)}: at ${at}: ${got[at]}`).toBeNull();
      }),
      examples(300),
    );
  });

  it("are looked through to the last, so that one that is not finite stays in the rows that attend it", () => {
    const { mechanism } = parameterize(full, {});
    for (const [headDim, valueDim] of [
      [1, 12],
      [12, 1],
    ]) {
      const shape = shapeOf({ batch: 1, heads: 1, length: 30, headDim, valueDim });
      const problem = withPlants(problemOf(mechanism, shape, true), [["v", 30 * valueDim - 1, Number.NaN]]);
      expect(outputOf(problem).findIndex(Number.isNaN)).toBe(30 * valueDim - 1);
    }
  });

  it("are right in every row, with fewer queries as well", () => {
    fc.assert(
      fc.property(algebraWithDraws, twoWidths, fc.nat(), (pattern, shape, fewer) => {
        expectRows(problemOf(ofPattern(pattern), shape, false));
        const queries = 1 + (fewer % shape.length);
        expectRows(problemOf(ofPattern(pattern), { ...shape, queries }, true));
      }),
      examples(),
    );
  });

  it("may be 256 wide at most, as heads may", () => {
    const { mechanism } = parameterize(full, {});
    const usual = { batch: 1, heads: 1, length: 20 };
    for (const [headDim, valueDim] of [
      [192, 128],
      [1, 256],
      [256, 1],
    ]) {
      expectRows(problemOf(mechanism, shapeOf({ ...usual, headDim, valueDim }), true));
    }
    const refused = (headDim: number, valueDim: number): true | string => {
      const shape = shapeOf({ ...usual, headDim, valueDim });
      return wasm.supports({ mechanism, shape, causal: false, threads: 1 });
    };
    expect(refused(16, 257)).toBe("values must be at most 256 wide, got 257");
    expect(refused(257, 16)).toBe("a head must be at most 256 wide, got 257");
  });
});

/** The same call with q, k and v filled up with zeros to one width. */
function asWide(problem: JudgedProblem): JudgedProblem {
  const width = Math.max(problem.shape.headDim, problem.shape.valueDim);
  const shape = { ...problem.shape, headDim: width, valueDim: width };
  const filled = (name: "q" | "k" | "v"): Float32Array => {
    const [from, to] = [layoutOf(problem.shape, name), layoutOf(shape, name)];
    const all = new Float32Array(countOf(to));
    for (let row = 0; row < countOf(from) / from.width; row++) {
      all.set(problem.inputs[name].subarray(row * from.width, (row + 1) * from.width), row * width);
    }
    return all;
  };
  return { ...problem, shape, inputs: { shape, q: filled("q"), k: filled("k"), v: filled("v") } };
}

function expectRows(problem: JudgedProblem): void {
  expect(wasm.supports(problem)).toBe(true);
  expectOracle(problem, outputOf(problem));
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
