import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { supportsMode } from "../../../src/kernels/supports-mode.ts";
import { alsoUnlike, describeProblem, problemsFor } from "../arbitrary-problems.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import { failureInAnyRow, webgpu } from "./judged-call.ts";
import { noDevice, whyNoDevice } from "./test-device.ts";

/** Small enough for a driver in software. */
const shapes = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 90 }),
      headDim: fc.constantFrom(1, 4, 7, 16),
    })
    .map(shapeOf),
);

const golden = noDevice
  ? []
  : goldenCases.filter(({ problem }) => supportsMode(webgpu, problem, "forward") === true);

describe.skipIf(noDevice)(`kernel webgpu${whyNoDevice}`, () => {
  it.each(golden)("is within the gate's budget of the golden vectors in every row: $title", async (one) => {
    expect(await failureInAnyRow(one.problem, goldenReference(one))).toBeNull();
  });

  it("is right in every row for any variant, parameters, shape and inputs that it takes", async () => {
    await fc.assert(
      fc.asyncProperty(problemsFor(webgpu, shapes), async (problem) => {
        const failure = await failureInAnyRow(problem);
        expect(failure === null ? null : `${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      { numRuns: 60 },
    );
  }, 1_200_000);
});
