import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { weightsOf } from "../../../src/mechanisms/judged.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { full } from "../../../variants/dense/full.ts";
import { local } from "../../../variants/sparse/local.ts";
import { reference, rowOf } from "../../mechanisms/judge.ts";
import { problemOf } from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

describe("forms in the wasm family", () => {
  it.each(["t5:8:20", "window:5:3"])("follow a table that changes between calls: %s", (bias) => {
    const { mechanism } = parameterize(full, { bias });
    const problem = problemOf(mechanism, shapeOf({ batch: 2, heads: 3, length: 40, headDim: 8 }), false);
    const [table] = Object.values(weightsOf(problem));
    const runnable = wasm.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
    runnable.run();
    const before = runnable.output().slice();
    // The last number of the last head alone, then all.
    for (const from of [table.length - 1, 0]) {
      table.subarray(from).fill(2);
      runnable.run();
      const expected = rowOf(reference(problem))(1, 2, 0, float64).values;
      const at = elementCount(problem.shape, "output") - 40 * 8;
      const got = runnable.output().subarray(at, at + 8);
      for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 5);
    }
    expect(runnable.output()).not.toEqual(before);
    runnable.dispose();
  });

  it.each([{ bias: "alibi" }, { bias: "window:300:4" }, { turn: "rope" }])(
    "keep the last digits of near keys a million tokens into a sequence: %o",
    (form) => {
      const length = 2 ** 20;
      const { mechanism } = parameterize(local, { window: 8, ...form });
      const problem = problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length, headDim: 4 }), true);
      const runnable = wasm.prepare(problem, guardedOutput(4 * length));
      runnable.run();
      const places = [7, length / 2, length - 1].map((row) => ({ batch: 0, head: 0, row }));
      const { failure } = expectation(problem, reference(problem), places, 0).compare(runnable.output());
      expect(failure).toBeNull();
      runnable.dispose();
    },
  );
});
