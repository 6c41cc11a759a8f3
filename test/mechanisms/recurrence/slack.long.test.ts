import { expect, it } from "vitest";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { float32, float64 } from "../../../src/mechanisms/oracle.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";

const LONG = 65_536;
const rows = [0, 1000, LONG - 2, LONG - 1].map((row) => ({ batch: 0, head: 0, row }));
const one = shapeOf({ batch: 1, heads: 1, length: LONG, headDim: 8 });

it.each(recurrences)(
  "slack of recurrences is met by float32, and does not grow with the sequence: $id",
  (variant) => {
    const problem = problemOf(parameterize(variant, {}).mechanism, one, true);
    const oracle = problem.kind.oracle(problem);
    const [exact, rounded] = [oracle.rows(rows, float64), oracle.rows(rows, float32)];
    for (const [index, row] of exact.entries()) {
      const size = Math.hypot(...row.values);
      for (const [j, slack] of row.slack().entries()) {
        expect(Math.abs(rounded[index].values[j] - row.values[j])).toBeLessThan(4 * slack);
        expect(slack).toBeLessThan(1e-4 * size);
      }
    }
    const output = new Float32Array(elementCount(one, "output"));
    js.prepare(problem, output).run();
    expect(expectation(problem, oracle, rows, 0).compare(output).failure).toBeNull();
  },
);
