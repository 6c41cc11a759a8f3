import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount } from "../../../src/core/shape.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { layersFor } from "../arbitrary-layers.ts";
import { describeProblem } from "../arbitrary-problems.ts";

const native = createNative();

const _outputFor = ({ shape }: Problem): Float32Array => guardedOutput(elementCount(shape, "output"));

describe.runIf(native.unavailable?.() === null)("a layer in machine code", () => {
  it("is right in every row around heads of any variant, with all that it may have", () => {
    fc.assert(
      fc.property(layersFor(native), (problem) => {
        const failure = failureInAnyRow(problem, native);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      { numRuns: 300 },
    );
  }, 240_000);
});
