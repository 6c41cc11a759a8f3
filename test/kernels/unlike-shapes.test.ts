import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn, overTokens, type Shape, shapeOf } from "../../src/core/shape.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { guardedOutput, type ReadyKernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { type JudgedProblem, reads, weightTensors } from "../../src/mechanisms/judged.ts";
import { readBy } from "../../src/mechanisms/summary/chain-sizes.ts";
import { chainOf, isSummary } from "../../src/mechanisms/summary/declare.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { examples } from "../examples.ts";
import { reference } from "../mechanisms/judge.ts";
import {
  alsoUnlike,
  describeProblem,
  nonFinitePlants,
  problemOf,
  problemsFor,
  withPlants,
} from "./arbitrary-problems.ts";
import { repeated, sliceOf, slicesOf } from "./repeated-heads.ts";

/** Heads of k and v, each read by up to four of q; values wider or narrower than keys. */
const grouped: Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      kvHeads: fc.integer({ min: 1, max: 2 }),
      readers: fc.integer({ min: 1, max: 4 }),
      length: fc.integer({ min: 1, max: 140 }),
      headDim: fc.integer({ min: 1, max: 12 }),
    })
    .map(({ readers, ...shape }) => shapeOf({ ...shape, heads: shape.kvHeads * readers })),
  ["queries", "valueDim"],
);

/** The last queries of a sequence. */
const lastQueries: Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    heads: fc.integer({ min: 1, max: 2 }),
    queries: fc.integer({ min: 1, max: 140 }),
    earlier: fc.oneof(fc.integer({ min: 0, max: 140 }), fc.constantFrom(32, 64, 128)),
    headDim: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ earlier, ...shape }) => shapeOf({ ...shape, length: shape.queries + earlier }));

describe.each(builtInKernels())("kernel $id", (kernel) => {
  it("gives heads that share k and v the bits that it gives them with k and v repeated for each", () => {
    fc.assert(
      fc.property(problemsFor(kernel, grouped), nonFinitePlants, fc.boolean(), (sound, plants, planted) => {
        const problem = planted ? withPlants(sound, plants) : sound;
        expectSame(problem, outputOf(problem, kernel), outputOf(repeated(problem), kernel));
      }),
      examples(200),
    );
  });

  it("gives equal heads of q that share k and v equal outputs", () => {
    fc.assert(
      fc.property(problemsFor(kernel, grouped), (problem) => {
        // Heads with patterns or weights of their own read others.
        if (new Set(reads(problem)).size > 1 || weightTensors(problem).length > 0) return;
        const { shape, inputs } = problem;
        const equal = { ...problem, inputs: { ...inputs, q: copyFirst(shape, inputs.q, "q") } };
        const output = outputOf(equal, kernel);
        expectSame(equal, output, copyFirst(shape, output, "output"));
      }),
      examples(),
    );
  });

  const takesWhole = (problem: JudgedProblem): boolean =>
    !summarisesQueries(problem) && supportsPass(kernel, withEarlierQueries(problem)) === true;

  it("gives the last queries of a sequence, computed alone, the rows that they have in the whole", () => {
    fc.assert(
      fc.property(problemsFor(kernel, lastQueries).filter(takesWhole), (problem) => {
        const { shape } = problem;
        const before = shape.length - shape.queries;
        const whole = withEarlierQueries(problem);
        const rows = everyRow(whole.shape).filter(({ row }) => row >= before);
        const output = outputOf(problem, kernel);
        const all = outputOf(whole, kernel);
        for (const { batch, head, row } of rows) {
          const from = offsetIn(layoutOf(shape, "output"), batch, head, row - before);
          const to = offsetIn(layoutOf(whole.shape, "output"), batch, head, row);
          all.set(output.subarray(from, from + shape.valueDim), to);
        }
        const { failure } = expectation(whole, reference(whole), rows, 0).compare(all);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(),
    );
  });

  it("counts no fewer operations and bytes than the mathematics takes", () => {
    fc.assert(
      fc.property(problemsFor(kernel), (problem) => {
        const least = problem.kind.leastWork(problem);
        const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
        // What is chosen, and with it what is counted, may follow from the numbers.
        runnable.run();
        expect(runnable.executedFlops).toBeGreaterThanOrEqual(least.flops);
        expect(runnable.bytes).toBeGreaterThanOrEqual(least.bytes);
        runnable.dispose();
      }),
      examples(),
    );
  });
});

/** Whether rows depend on other queries than their own. */
function summarisesQueries({ mechanism, shape, causal }: JudgedProblem): boolean {
  if (!isSummary(mechanism)) return false;
  const before = chainOf(mechanism, shape, causal).slice(0, -1);
  return before.some((step) => readBy(step).includes("q"));
}

function outputOf(problem: JudgedProblem, kernel: ReadyKernel): Float32Array {
  expect(supportsPass(kernel, problem)).toBe(true);
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  runnable.output().fill(Number.NaN);
  runnable.run();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}

function expectSame(problem: JudgedProblem, got: Float32Array, expected: Float32Array): void {
  expect(got.length).toBe(expected.length);
  const at = got.findIndex((value, index) => !Object.is(value, expected[index]));
  if (at >= 0) expect(`${describeProblem(problem)}: at ${at}: ${got[at]}, ${expected[at]}`).toBeNull();
}

/** The same keys and values with a query for each, the last of which are those of the problem. */
function withEarlierQueries(problem: JudgedProblem): JudgedProblem {
  const { shape, inputs, mechanism, causal } = problem;
  const whole = problemOf(mechanism, overTokens(shape, shape.length), causal);
  const q = slicesOf(whole.shape, "q", (entry, head) => {
    const slice = sliceOf(whole.shape, whole.inputs.q, "q", entry, head).slice();
    slice.set(sliceOf(shape, inputs.q, "q", entry, head), (shape.length - shape.queries) * shape.headDim);
    return slice;
  });
  return { ...whole, inputs: { ...inputs, shape: whole.shape, q } };
}

/** A tensor with the same numbers in all heads that share k and v: those of the first of them. */
function copyFirst(shape: Shape, numbers: Float32Array, name: "q" | "output"): Float32Array {
  const readers = shape.heads / shape.kvHeads;
  return slicesOf(shape, name, (entry, head) =>
    sliceOf(shape, numbers, name, entry, head - (head % readers)),
  );
}
