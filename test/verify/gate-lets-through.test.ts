import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { full } from "../../variants/dense/full.ts";
import { longformer } from "../../variants/sparse/longformer.ts";
import { describeProblem, problemOf, problemsFor } from "../kernels/arbitrary-problems.ts";
import { float32Kernels } from "./float32-kernels.ts";
import { planted, returnsOwnOutput } from "./planted-kernels.ts";
import { throughGate } from "./whole-gate.ts";

const shape = shapeOf({ batch: 2, heads: 2, length: 97, headDim: 8 });
const causalFull = problemOf(parameterize(full, {}).mechanism, shape, true);
const mixed = problemOf(
  parameterize(longformer, { window: 4, stride: 7, tokens: 2 }).mechanism,
  shape,
  false,
);

describe("the gate lets through", () => {
  it("a right kernel, and says by how much", async () => {
    for (const problem of [causalFull, mixed]) {
      const result = await throughGate(problem, planted("right"));
      if (result.outcome !== "green") throw new Error(result.reason);
      expect(result.gate.failure).toBeNull();
      expect(result.gate.error).toBeGreaterThan(0);
      expect(result.gate.error).toBeLessThan(result.gate.budget);
    }
  });

  it("a kernel with memory of its own, where it leaves guards in it", async () => {
    const own = returnsOwnOutput("own", (count) => new Float32Array(count + 100).subarray(30, 30 + count));
    expect((await throughGate(mixed, own)).outcome).toBe("green");
  });

  // What a WebAssembly or GPU kernel does: every number and every sum in float32, in an order of its own.
  const shapes = fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.oneof(fc.constantFrom(1, 2, 3, 5), fc.integer({ min: 1, max: 130 })),
      headDim: fc.oneof(fc.constantFrom(1, 2, 3, 64, 128), fc.integer({ min: 1, max: 40 })),
    })
    .map(shapeOf);
  it.each(float32Kernels)(
    "$id, which is right but as imprecise as float32 allows, on any problem",
    async (kernel) => {
      await fc.assert(
        fc.asyncProperty(problemsFor(kernel, shapes), fc.nat(), async (problem, seed) => {
          const result = await throughGate(problem, kernel, seed);
          if (result.outcome !== "green")
            expect(`${describeProblem(problem)}: ${result.reason}`).toBe("green");
        }),
        { numRuns: 150 },
      );
    },
  );
});
