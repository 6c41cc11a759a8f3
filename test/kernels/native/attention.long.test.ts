import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { alsoUnlike, problemsFor } from "../arbitrary-problems.ts";

const native = createNative();

/** Heads up to the widest, and lengths on both sides of several blocks of keys. */
const wide = alsoUnlike(
  fc
    .record({
      batch: fc.constant(1),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 400 }),
      headDim: fc.oneof(fc.integer({ min: 1, max: 256 }), fc.constantFrom(15, 16, 17, 63, 64, 65, 255, 256)),
    })
    .map(shapeOf),
).filter(({ valueDim }) => valueDim <= 256);

describe.runIf(native.unavailable?.() === null)("machine code, at length", () => {
  it("is right in every row of 20 000 problems", () => {
    fc.assert(
      fc.property(problemsFor(native), (problem) => {
        expect(failureInAnyRow(problem, native)).toBeNull();
      }),
      { numRuns: 20_000 },
    );
  }, 1_800_000);

  it("is right in every row of wide heads and of several blocks of keys", () => {
    fc.assert(
      fc.property(problemsFor(native, wide), (problem) => {
        fc.pre(isSoftmaxPattern(problem.mechanism));
        expect(failureInAnyRow(problem, native)).toBeNull();
      }),
      { numRuns: 1000 },
    );
  }, 1_800_000);
});
