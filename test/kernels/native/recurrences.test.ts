import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput, type Runnable } from "../../../src/kernels/kernel.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { endThreads } from "../../../src/kernels/native/threads/crew.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { isRecurrence } from "../../../src/mechanisms/recurrence/declare.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { leastWorkOf } from "../../mechanisms/judge.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { describeProblem, nonFinitePlants, problemOf, withPlants } from "../arbitrary-problems.ts";
import {
  expectRightWhereFinite,
  extremes,
  recurrenceProblems,
  withExtremes,
} from "../recurrence-problems.ts";
import { describeNative } from "./here.ts";

const native = createNative();
const taken = recurrenceProblems.filter((problem) => native.supports(problem) === true);

/** A recurrence of each kind, one head of several segments, of which the last is no whole chunk. */
const long = recurrences.map((variant) => {
  const { mechanism } = parameterize(variant, {});
  const shape = shapeOf({ batch: 1, heads: 1, length: 1041, headDim: 9, valueDim: 3 });
  return { id: variant.id, problem: problemOf(mechanism, shape, true) };
});

describeNative("recurrences in machine code", () => {
  afterAll(endThreads);

  it("are right in every row, whatever decays, writes, erases and reads", () => {
    fc.assert(
      fc.property(taken, (problem) => {
        expect([describeProblem(problem), failureInAnyRow(problem, native)]).toEqual([
          describeProblem(problem),
          null,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it("are right where gates are 0 and 1, decays underflow, keys are zero or all the same", () => {
    fc.assert(
      fc.property(taken, extremes, (problem, ends) => {
        const one = withExtremes(problem, ends);
        expect([describeProblem(one), failureInAnyRow(one, native)]).toEqual([describeProblem(one), null]);
      }),
      { numRuns: 200 },
    );
  });

  it("take NaN and infinities where the reference takes them, and nowhere else", () => {
    fc.assert(
      fc.property(taken, nonFinitePlants, (problem, plants) => {
        expectRightWhereFinite(withPlants(problem, plants), native);
      }),
      { numRuns: 200 },
    );
  });

  it("are right in segments, and the same bit by bit on any number of threads", () => {
    for (const { id, problem } of long) {
      const alone = outputOf(problem);
      expect([id, failureInAnyRow({ ...problem, threads: 3 }, native)]).toEqual([id, null]);
      for (const threads of [2, 3]) expect([id, outputOf({ ...problem, threads })]).toEqual([id, alone]);
    }
  });

  it("take NaN from segment to segment, and rows before it keep their bits", () => {
    for (const { id, problem } of long) {
      for (const token of [5, 520, 1030]) {
        const planted = withPlants(problem, [["k", token * problem.shape.headDim, Number.NaN]]);
        const kept = outputOf(problem).fill(Number.NaN, token * problem.shape.valueDim);
        for (const threads of [1, 3]) {
          expect([id, token, threads, outputOf({ ...planted, threads })]).toEqual([id, token, threads, kept]);
        }
      }
    }
  });

  it("are right in heads of several vectors, at all widths that rows are laid out for", () => {
    for (const variant of recurrences) {
      const { mechanism } = parameterize(variant, {});
      for (const [headDim, valueDim] of [
        [64, 64],
        [65, 100],
        [129, 33],
        [200, 256],
        [256, 40],
      ]) {
        const problem = problemOf(
          mechanism,
          shapeOf({ batch: 1, heads: 1, length: 50, headDim, valueDim }),
          true,
        );
        expect([variant.id, headDim, failureInAnyRow(problem, native)]).toEqual([variant.id, headDim, null]);
      }
    }
  });

  it("refuse what erases in heads that are narrower than a chunk, and wider heads than rows are laid out for", () => {
    for (const variant of recurrences) {
      const { mechanism } = parameterize(variant, {});
      if (!isRecurrence(mechanism)) throw new TypeError(`${variant.id} must be a recurrence`);
      const answer = (headDim: number) =>
        native.supports(problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 4, headDim }), true));
      const narrow = mechanism.erase === null ? true : "a head that erases must be more than 8 wide, got 8";
      expect([variant.id, answer(8)]).toEqual([variant.id, narrow]);
      expect([variant.id, answer(257)]).toEqual([variant.id, "a head must be at most 256 wide, got 257"]);
    }
  });

  it("count no less than the mathematics takes, and need no more memory for more tokens", () => {
    fc.assert(
      fc.property(taken, (problem) => {
        const { flops, bytes } = leastWorkOf(problem);
        const runnable = prepared(problem);
        const counts = [(runnable.executedFlops ?? 0) >= flops, (runnable.bytes ?? 0) >= bytes];
        expect([describeProblem(problem), counts]).toEqual([describeProblem(problem), [true, true]]);
        const { shape } = problem;
        const longer = problemOf(
          problem.mechanism,
          { ...shape, length: 2 * shape.length, queries: 2 * shape.queries },
          true,
        );
        expect(prepared({ ...longer, threads: problem.threads }).workspaceBytes).toBe(
          runnable.workspaceBytes,
        );
      }),
      { numRuns: 200 },
    );
  });
});

function prepared(problem: JudgedProblem): Runnable {
  return native.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
}

function outputOf(problem: JudgedProblem): Float32Array {
  const runnable = prepared(problem);
  runnable.run();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}
