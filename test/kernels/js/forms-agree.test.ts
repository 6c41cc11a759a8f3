import fc from "fast-check";
import { expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn, shapeOf } from "../../../src/core/shape.ts";
import { js, jsRecurrent } from "../../../src/kernels/js/index.ts";
import type { ReadyKernel } from "../../../src/kernels/kernel.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { reference } from "../../mechanisms/judge.ts";
import { alsoUnlike, problemsFor } from "../arbitrary-problems.ts";

const causalFeatures = problemsFor(
  jsRecurrent,
  alsoUnlike(
    fc
      .record({
        batch: fc.integer({ min: 1, max: 2 }),
        heads: fc.integer({ min: 1, max: 2 }),
        length: fc.integer({ min: 1, max: 150 }),
        headDim: fc.integer({ min: 1, max: 20 }),
      })
      .map(shapeOf),
  ),
);

it("the chunked and the recurrent form of linear attention agree within the gate's budget", () => {
  fc.assert(
    fc.property(causalFeatures, (problem) => {
      const recurrent = outputOf(problem, jsRecurrent);
      const own = reference(problem);
      const compared = expectation(
        problem,
        {
          rows: (places, round) =>
            own.rows(places, round).map((own, index) => {
              const { batch, head, row } = places[index];
              const at = offsetIn(layoutOf(problem.shape, "output"), batch, head, row);
              const values = Float64Array.from(recurrent.subarray(at, at + problem.shape.valueDim));
              return round === float64 ? { ...own, values } : own;
            }),
        },
        everyRow(problem.shape),
        0,
      );
      expect(compared.compare(outputOf(problem, js)).failure).toBeNull();
    }),
    { numRuns: 60 },
  );
});

it("the last causal row, chunked or recurrent, is the last row of the parallel form", () => {
  fc.assert(
    fc.property(causalFeatures, (problem) => {
      const { shape } = problem;
      const whole = { ...problem, causal: false };
      const lastRows = everyRow(shape).filter(({ row }) => row === shape.queries - 1);
      const budget = expectation(whole, reference(whole), lastRows, 0);
      const parallel = outputOf(whole, js);
      for (const kernel of [js, jsRecurrent]) {
        const causal = outputOf(problem, kernel);
        for (const { batch, head, row } of lastRows) {
          const at = offsetIn(layoutOf(shape, "output"), batch, head, row);
          parallel.set(causal.subarray(at, at + shape.valueDim), at);
        }
        expect(budget.compare(parallel).failure).toBeNull();
      }
    }),
    { numRuns: 60 },
  );
});

function outputOf(problem: Problem, kernel: ReadyKernel): Float32Array {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  runnable.run();
  return runnable.output();
}
