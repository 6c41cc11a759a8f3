import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/kernels/native/index.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemsFor } from "../arbitrary-problems.ts";

const native = createNative();

describe.runIf(native.unavailable?.() === null)("attention in machine code", () => {
  it("is right in every row for any variant, parameters, shape and inputs that it takes", () => {
    fc.assert(
      fc.property(problemsFor(native), (problem) => {
        expect(failureInAnyRow(problem, native)).toBeNull();
      }),
      { numRuns: 1500 },
    );
  });
});
