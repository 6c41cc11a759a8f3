import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { guardedOutput } from "../../../../src/kernels/kernel.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../../src/verify/gradient-rows.ts";
import { prepareCase } from "../../../../src/verify/prepare-case.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { describeProblem } from "../../arbitrary-problems.ts";
import { expectSameBits, expectSameInDirtyPlace, gradientsOf } from "./gradients-of.ts";
import { mixings } from "./mixing-problems.ts";

const wasm = createWasm("auto");
const passes = fc.constantFrom<GradientPass>("backward", "train");

function failureOf(problem: JudgedProblem, output: Float32Array): string | null {
  return expectation(problem, reference(problem), everyRowOf(problem), 0).compare(output).failure;
}

describe.each(mixings)("the gradient of $of in the wasm family", ({ problems, long }) => {
  it.each<GradientPass>(["backward", "train"])(
    "is that of the oracle in every row: %s",
    (pass) => {
      fc.assert(
        fc.property(problems, fc.nat(), (plain, seed) => {
          const problem = gradientOf(plain, pass, seed);
          expect(wasm.supports(problem)).toBe(true);
          const failure = failureOf(problem, gradientsOf(problem, wasm));
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 30 },
      );
    },
    600_000,
  );

  it.each(["plain", "relaxed"] as const)(
    "is that of the oracle in every row of the build %s",
    (simd) => {
      const narrow = createWasm(simd);
      fc.assert(
        fc.property(problems, (plain) => {
          const problem = gradientOf(plain);
          const failure = failureOf(problem, gradientsOf(problem, narrow));
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 10 },
      );
    },
    600_000,
  );

  it.each(long.map((plain) => ({ what: describeProblem(plain), plain })))(
    "adds up what is summed apart, and has the same bits on any number of threads: $what",
    ({ plain }) => {
      const problem = gradientOf(plain);
      const output = gradientsOf(problem, wasm);
      const places = rowsToCheck(problem, 1);
      expect(expectation(problem, reference(problem), places, 0).compare(output).failure).toBeNull();
      for (const threads of [2, 3]) expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), output);
    },
    600_000,
  );

  it("has the same bits on any number of threads, call after call, for any problem", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 2, max: 4 }), (plain, threads) => {
        const problem = gradientOf(plain, "train");
        expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), gradientsOf(problem, wasm));
      }),
      { numRuns: 12 },
    );
  });

  it("has the same bits in place as on copies, over scratch that is full of anything, and writes nothing behind it", () => {
    fc.assert(
      fc.property(problems, passes, (plain, pass) => {
        const problem = gradientOf(plain, pass);
        expectSameInDirtyPlace(wasm, problem);
      }),
      { numRuns: 12 },
    );
  });

  it("stays green at the gate, which plants NaN where rows must not read, and hard numbers", async () => {
    await fc.assert(
      fc.asyncProperty(problems, passes, async (plain, pass) => {
        const problem = gradientOf(plain, pass);
        const result = await prepareCase(problem, wasm, {
          places: rowsToCheck(problem, 1),
          fullRows: null,
          seed: 1,
          output: guardedOutput(outputCount(outputsOf(problem))),
          second: null,
          now: () => 0,
        });
        if (result.outcome === "red") expect(`${describeProblem(plain)}: ${result.reason}`).toBeNull();
      }),
      { numRuns: 30 },
    );
  });
});
