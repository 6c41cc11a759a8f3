import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { type Shape, shapeOf } from "../../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../../src/core/variant.ts";
import { guardedOutput } from "../../../../src/kernels/kernel.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import { isFeatureMap } from "../../../../src/mechanisms/feature-map/declare.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../../src/verify/gradient-rows.ts";
import { prepareCase } from "../../../../src/verify/prepare-case.ts";
import { cosformer } from "../../../../variants/feature-map/cosformer.ts";
import { dpfp } from "../../../../variants/feature-map/dpfp.ts";
import { hedgehog } from "../../../../variants/feature-map/hedgehog.ts";
import { linear } from "../../../../variants/feature-map/linear.ts";
import { performer } from "../../../../variants/feature-map/performer.ts";
import { reluLinear } from "../../../../variants/feature-map/relu-linear.ts";
import { rfa } from "../../../../variants/feature-map/rfa.ts";
import { taylor } from "../../../../variants/feature-map/taylor.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { describeProblem, problemOf, problemsFor } from "../../arbitrary-problems.ts";
import { expectSameBits, expectSameInDirtyPlace, gradientsOf } from "./gradients-of.ts";

const wasm = createWasm("auto");

const featureProblems: Arbitrary<JudgedProblem> = problemsFor(wasm).filter(
  (problem) => isFeatureMap(problem.mechanism) && wasm.supports(gradientOf(problem)) === true,
);

const passes = fc.constantFrom<GradientPass>("backward", "train");

/** Problems of more tokens than one segment has, of every map, of several panels, of grouped heads. */
const longProblems: readonly JudgedProblem[] = (
  [
    [linear, {}, { headDim: 16 }],
    [linear, {}, { headDim: 11, heads: 4, kvHeads: 2, valueDim: 7, batch: 2 }],
    [reluLinear, {}, { headDim: 8 }],
    [cosformer, {}, { headDim: 130, valueDim: 8 }],
    [hedgehog, {}, { headDim: 132, valueDim: 20 }],
    [dpfp, { nu: 3 }, { headDim: 50, heads: 2, kvHeads: 1 }],
    [rfa, { features: 140 }, { headDim: 12, heads: 2 }],
    [taylor, { project: 5 }, { headDim: 12, heads: 2, kvHeads: 1, batch: 2 }],
    [taylor, {}, { headDim: 30 }],
    [performer, { features: 70 }, { headDim: 12, heads: 2, kvHeads: 1 }],
  ] satisfies (readonly [Variant, Record<string, number>, Partial<Shape> & Pick<Shape, "headDim">])[]
).flatMap(([variant, values, shape]) =>
  // FAVOR+ has none where it is causal.
  (variant === performer ? [false] : [false, true]).map((causal) =>
    problemOf(
      parameterize(variant, values).mechanism,
      shapeOf({ batch: 1, heads: 1, length: 1001, ...shape }),
      causal,
    ),
  ),
);

function failureOf(problem: JudgedProblem, output: Float32Array): string | null {
  return expectation(problem, reference(problem), everyRowOf(problem), 0).compare(output).failure;
}

describe("the gradient of linear attention in the wasm family", () => {
  it.each<GradientPass>(["backward", "train"])(
    "is that of the oracle in every row: %s",
    (pass) => {
      fc.assert(
        fc.property(featureProblems, fc.nat(), (plain, seed) => {
          const problem = gradientOf(plain, pass, seed);
          const failure = failureOf(problem, gradientsOf(problem, wasm));
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 100 },
      );
    },
    600_000,
  );

  it.each(["plain", "relaxed"] as const)(
    "is that of the oracle in every row of the build %s",
    (simd) => {
      const narrow = createWasm(simd);
      fc.assert(
        fc.property(featureProblems, (plain) => {
          const problem = gradientOf(plain);
          const failure = failureOf(problem, gradientsOf(problem, narrow));
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 30 },
      );
    },
    600_000,
  );

  it.each(longProblems.map((plain) => ({ what: describeProblem(plain), plain })))(
    "adds up segments of tokens, and has the same bits on any number of threads: $what",
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
      fc.property(featureProblems, fc.integer({ min: 2, max: 4 }), (plain, threads) => {
        const problem = gradientOf(plain, "train");
        expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), gradientsOf(problem, wasm));
      }),
      { numRuns: 40 },
    );
  });

  it("has the same bits in place as on copies, over scratch that is full of anything, and writes nothing behind it", () => {
    fc.assert(
      fc.property(featureProblems, passes, (plain, pass) => {
        const problem = gradientOf(plain, pass);
        expectSameInDirtyPlace(wasm, problem);
      }),
      { numRuns: 40 },
    );
  });

  it("stays green at the gate, which plants NaN where rows must not read, and hard numbers", async () => {
    await fc.assert(
      fc.asyncProperty(featureProblems, passes, async (plain, pass) => {
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
      { numRuns: 60 },
    );
  });

  it("keeps what is not a number in a causal call from rows that do not see it", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 600, headDim: 8 });
    for (const name of ["q", "dout"] as const) {
      const problem = gradientOf(problemOf(parameterize(linear, {}).mechanism, shape, true));
      const tensor = (problem.inputs as unknown as Record<string, Float32Array>)[name];
      tensor[517 * 8 + 3] = Number.NaN;
      const output = gradientsOf(problem, wasm);
      for (const { name: gradient, layout, offset } of outputsOf(problem)) {
        for (let row = 0; row < layout.rows; row++) {
          const finite = output.subarray(offset + row * 8, offset + (row + 1) * 8).every(Number.isFinite);
          // Keys after the query see nothing of it.
          const sees = gradient === "dq" ? row === 517 : row <= 517;
          if (!sees) expect({ gradient, row, finite }).toEqual({ gradient, row, finite: true });
        }
      }
    }
  });

  it("counts what whole panels compute: of 96 tokens and 64 channels a state of each side, and of each its slopes and values", () => {
    const shape = shapeOf({ batch: 2, heads: 1, length: 96, headDim: 64 });
    const problem = gradientOf(problemOf(parameterize(linear, {}).mechanism, shape, false));
    const runnable = wasm.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
    // A state has a row more than values have columns, 66 in whole panels; slopes are products of 65 numbers.
    const products = 2 * 96 * 64 * (66 + 65 + 65 + 64);
    expect(runnable.executedFlops).toBe(2 * (products + 3 * 96 * 64));
    runnable.dispose();
  });

  it("is refused of causal FAVOR+, in words; otherwise it is that of a chain", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 8, headDim: 8 });
    const supports = (causal: boolean): true | string =>
      wasm.supports(gradientOf(problemOf(parameterize(performer, {}).mechanism, shape, causal)));
    expect(supports(true)).toBe("it computes no gradient of causal FAVOR+");
    expect(supports(false)).toBe(true);
  });
});
