import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { elementCount, FLOAT_BYTES, type Shape, shapeOf } from "../../src/core/shape.ts";
import { prepareGather as prepareJs } from "../../src/kernels/js/gather-kernel.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../src/kernels/kernel.ts";
import { BUILD_NAMES, openBuild } from "../../src/kernels/wasm/build.ts";
import { prepareGather as prepareWasm } from "../../src/kernels/wasm/gather-kernel.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import { ThreadPool } from "../../src/kernels/wasm/threads/pool.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { everything } from "../../src/pattern/band.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { drawnEdges } from "../../src/pattern/edges.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { powersOfTwo } from "../../src/pattern/powers-of-two.ts";
import { union } from "../../src/pattern/union.ts";
import { examples } from "../examples.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { algebraWithDraws } from "../pattern/arbitrary-patterns.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";
import {
  alsoUnlike,
  describeProblem,
  isDefined,
  nonFinitePlants,
  problemOf,
  withPlants,
} from "./arbitrary-problems.ts";
import { attendsNothing, everyThirdRow, strictPast } from "./hand-written-patterns.ts";

const pool = new ThreadPool();
afterAll(() => pool.end());

/** Kernels that gather the keys of every pattern, however well it tiles. */
const kernels: readonly ReadyKernel[] = [
  { ...js, id: "js", prepare: (problem, output) => prepareJs(problem, ...gathered(problem), output) },
  ...BUILD_NAMES.map((name): ReadyKernel => {
    const build = openBuild(name);
    if (typeof build === "string") throw new Error(build);
    return {
      ...createWasm(name),
      id: `wasm ${name}`,
      prepare: (problem, output) =>
        prepareWasm(problem, ...gathered(problem), {
          build,
          output,
          pool: problem.threads > 1 ? pool : null,
        }),
    };
  }),
];

function gathered(problem: Pick<JudgedProblem, "mechanism" | "shape" | "causal" | "threads">) {
  const { mechanism } = problem;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("must be a pattern");
  return [mechanism, bindHeads(mechanism, problem)] as [SoftmaxPattern, ReturnType<typeof bindHeads>];
}

/** Heads of whole blocks and others, on both sides of 8, 32, 64 and 128 numbers. */
const widths = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(32, 63, 64, 65, 100, 128));
const shapes: fc.Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 150 }),
      headDim: widths,
    })
    .map(shapeOf),
).chain((shape) =>
  widths.map((width) => (shape.valueDim === shape.headDim ? shape : { ...shape, valueDim: width })),
);

const problems = fc
  .tuple(
    fc.oneof(algebraWithDraws, fc.constantFrom(attendsNothing, strictPast, everyThirdRow, everything())),
    shapes,
    fc.boolean(),
    fc.constantFrom("gaussian", "peaked", "local"),
  )
  .map(([pattern, shape, causal, kind]) => problemOf(ofPattern(pattern), shape, causal, kind))
  .filter(isDefined);

describe.each(kernels)("gathering by $id", (kernel) => {
  it("is right in every row for any pattern of the algebra, shape and inputs", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const failure = failureInAnyRow(problem, kernel);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(150),
    );
  });

  it("is right in rows of hundreds of keys beside rows of few, causal and not", () => {
    const pattern = union(drawnEdges(5, 1), globalTokens(3));
    for (const headDim of [20, 64]) {
      for (const causal of [false, true]) {
        const shape = shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 1100, headDim });
        expect(failureInAnyRow(problemOf(ofPattern(pattern), shape, causal), kernel)).toBeNull();
      }
    }
  });

  it("is right where some heads that share k and v attend otherwise than others", () => {
    const pattern = byHead(drawnEdges(5, 1), powersOfTwo(), everything());
    const shape = shapeOf({ batch: 2, heads: 6, kvHeads: 3, length: 70, headDim: 24, valueDim: 9 });
    expect(failureInAnyRow(problemOf(ofPattern(pattern), shape, false), kernel)).toBeNull();
  });

  it("reads no key and no value that a row does not attend, nor what lies behind a row of numbers", () => {
    fc.assert(
      fc.property(problems, nonFinitePlants, (problem, plants) => {
        const clean = outputOf(problem, kernel);
        const spoiled = outputOf(withPlants(problem, plants), kernel);
        const { heads, kvHeads, length, queries, headDim, valueDim } = problem.shape;
        const [mechanism] = gathered(problem);
        const bound = bindHeads(mechanism, problem);
        for (let at = 0; at < clean.length; at++) {
          const row = Math.floor(at / valueDim) % queries;
          const slice = Math.floor(at / valueDim / queries);
          const [entry, head] = [Math.floor(slice / heads), slice % heads];
          const kv = entry * kvHeads + Math.floor(head / (heads / kvHeads));
          const reached = plants.some(([name, place]) => {
            if (name === "q") {
              const token = Math.floor((place % problem.inputs.q.length) / headDim);
              return token === slice * queries + row;
            }
            const width = name === "k" ? headDim : valueDim;
            const token = Math.floor((place % problem.inputs[name].length) / width);
            return Math.floor(token / length) === kv && bound[head].attends(row, token % length);
          });
          if (reached || Object.is(spoiled[at], clean[at])) continue;
          expect(`${describeProblem(problem)}: ${at} is ${spoiled[at]}`).toBe(`${clean[at]}`);
        }
      }),
      examples(100),
    );
  });

  it("counts a query and an output for every row, and a key and a value for every pair", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { batch, heads, queries, headDim, valueDim } = problem.shape;
        const [, bound] = gathered(problem);
        const pairs = batch * bound.reduce((sum, one) => sum + one.pairs(), 0);
        const runnable = prepared(problem, kernel);
        const rows = batch * heads * queries;
        expect(runnable.bytes).toBe(FLOAT_BYTES * (headDim + valueDim) * (rows + pairs));
        expect(runnable.executedFlops).toBeGreaterThanOrEqual(2 * (headDim + valueDim) * pairs);
        runnable.dispose();
      }),
      examples(60),
    );
  });
});

describe.each(kernels.filter(({ id }) => id !== "js"))("gathering by $id", (kernel) => {
  it("counts scores in fours and columns in eights", () => {
    const shape = shapeOf({ batch: 2, heads: 2, length: 50, headDim: 20, valueDim: 9 });
    const runnable = prepared(problemOf(ofPattern(drawnEdges(4, 0)), shape, false), kernel);
    expect(runnable.executedFlops).toBe(4 * 50 * 2 * (8 * 24 + 5 * 16));
  });

  it("gives the bits of one thread on several, call after call", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 2, max: 3 }), (problem, threads) => {
        const expected = outputOf(problem, kernel);
        const got = outputOf({ ...problem, threads }, kernel, 2);
        expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
      }),
      examples(30),
    );
    const shape = shapeOf({ batch: 1, heads: 2, length: 5000, headDim: 8 });
    const problem = problemOf(ofPattern(union(drawnEdges(9, 0), globalTokens(2))), shape, false);
    const expected = outputOf(problem, kernel);
    const got = outputOf({ ...problem, threads: 3 }, kernel, 2);
    expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
  });
});

function prepared(problem: JudgedProblem, kernel: ReadyKernel): Runnable {
  return kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
}

function outputOf(problem: JudgedProblem, kernel: ReadyKernel, calls = 1): Float32Array {
  const runnable = prepared(problem, kernel);
  for (let call = 0; call < calls; call++) {
    runnable.output().fill(Number.NaN);
    runnable.run();
  }
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}
