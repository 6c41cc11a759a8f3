import fc from "fast-check";
import { expect, test } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { fullOracle } from "../../src/mechanisms/full-oracle.ts";
import { meanRows } from "../../src/mechanisms/mean-rows.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { fullUnder } from "../../src/mechanisms/softmax-pattern/under-call.ts";
import { alsoUnlike, problemOf, shapes } from "../kernels/arbitrary-problems.ts";

test("the mean of v is what full attention gives when no score matters, in every shape and under every mask", () => {
  const masks = fc.option(
    fc.record({
      left: fc.option(fc.integer({ min: 0, max: 40 })),
      right: fc.option(fc.integer({ min: 0, max: 40 })),
      from: fc.integer({ min: 0, max: 20 }),
      to: fc.option(fc.integer({ min: 21, max: 60 })),
    }),
    { nil: undefined },
  );
  const small = alsoUnlike(shapes).filter(({ length }) => length <= 70);
  fc.assert(
    fc.property(small, masks, fc.boolean(), (shape, mask, causal) => {
      const problem = problemOf(fullUnder({}), shape, causal);
      const places = everyRow(shape).filter((_, index) => index % 5 === 0);
      const uniform = fullOracle(problem, { scale: 1e-30, mask }).rows(places, float64);
      const mean = meanRows(problem, fullUnder({ mask }).pattern, places);
      for (const [at, { values }] of uniform.entries()) {
        for (const [column, value] of values.entries()) expect(mean[at][column]).toBeCloseTo(value, 12);
      }
    }),
    { numRuns: 40 },
  );
});
