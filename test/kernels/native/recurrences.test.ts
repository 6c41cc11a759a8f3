import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput, type Runnable } from "../../../src/kernels/kernel.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
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

const native = createNative();
const taken = recurrenceProblems
  .map((problem): JudgedProblem => ({ ...problem, threads: 1 }))
  .filter((problem) => native.supports(problem) === true);

describe.runIf(native.unavailable?.() === null)("recurrences in machine code", () => {
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
    const prepared = (problem: JudgedProblem): Runnable =>
      native.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
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
        expect(prepared(longer).workspaceBytes).toBe(runnable.workspaceBytes);
      }),
      { numRuns: 200 },
    );
  });
});
