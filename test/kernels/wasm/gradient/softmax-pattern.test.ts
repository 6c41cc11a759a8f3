import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { type OutputTensor, outputCount } from "../../../../src/core/outputs.ts";
import type { Pattern } from "../../../../src/core/pattern.ts";
import { type Shape, shapeOf } from "../../../../src/core/shape.ts";
import { parameterize } from "../../../../src/core/variant.ts";
import { guardedOutput } from "../../../../src/kernels/kernel.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../../src/mechanisms/softmax-pattern/declare.ts";
import { band, everything } from "../../../../src/pattern/band.ts";
import { comb } from "../../../../src/pattern/comb.ts";
import { union } from "../../../../src/pattern/union.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../../src/verify/gradient-rows.ts";
import { prepareCase } from "../../../../src/verify/prepare-case.ts";
import { full } from "../../../../variants/dense/full.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { describeProblem, problemOf, problemsFor } from "../../arbitrary-problems.ts";
import { expectSameBits, expectSameInDirtyPlace, gradientsOf } from "./gradients-of.ts";

const wasm = createWasm("auto");

const softmaxProblems: Arbitrary<JudgedProblem> = problemsFor(wasm).filter(
  ({ mechanism }) => isSoftmaxPattern(mechanism) && mechanism.score === undefined,
);

/** The numbers of one head of a tensor. */
function headOf(output: Float32Array, { layout, offset }: OutputTensor, head: number): Float32Array {
  const count = layout.rows * layout.width;
  return output.subarray(offset + head * count, offset + (head + 1) * count);
}

/** Problems of more rows than one segment has: sums of keys in place and beside it, of grouped heads, of several passes. */
const longProblems: readonly JudgedProblem[] = (
  [
    [everything(), { headDim: 16 }, false],
    [everything(), { headDim: 10 }, true],
    [band(40, 9), { headDim: 16, heads: 2, kvHeads: 1, valueDim: 7 }, false],
    [union(band(20, 0), comb(31)), { headDim: 16, queries: 500 }, true],
  ] satisfies (readonly [Pattern, Partial<Shape> & Pick<Shape, "headDim">, boolean])[]
).map(([pattern, shape, causal]) => {
  const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern };
  return problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 1000, ...shape }), causal);
});

describe("the gradient of softmax attention in the wasm family", () => {
  it.each<GradientPass>(["backward", "train"])(
    "is that of the oracle in every row: %s",
    (pass) => {
      fc.assert(
        fc.property(softmaxProblems, fc.nat(), (plain, seed) => {
          const problem = gradientOf(plain, pass, seed);
          expect(wasm.supports(problem)).toBe(true);
          const output = gradientsOf(problem, wasm);
          const { failure } = expectation(problem, reference(problem), everyRowOf(problem), 0).compare(
            output,
          );
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
        fc.property(softmaxProblems, (plain) => {
          const problem = gradientOf(plain);
          const output = gradientsOf(problem, narrow);
          const { failure } = expectation(problem, reference(problem), everyRowOf(problem), 0).compare(
            output,
          );
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 30 },
      );
    },
    600_000,
  );

  it.each(longProblems.map((plain) => ({ what: describeProblem(plain), plain })))(
    "adds up segments of rows, and has the same bits on any number of threads: $what",
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
      fc.property(softmaxProblems, fc.integer({ min: 2, max: 4 }), (plain, threads) => {
        const problem = gradientOf(plain, "train");
        expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), gradientsOf(problem, wasm));
      }),
      { numRuns: 40 },
    );
  });

  it("has the same bits in place as on copies, over scratch that is full of anything, and writes nothing behind it", () => {
    fc.assert(
      fc.property(softmaxProblems, fc.constantFrom<GradientPass>("backward", "train"), (plain, pass) => {
        const problem = gradientOf(plain, pass);
        expectSameInDirtyPlace(wasm, problem);
      }),
      { numRuns: 40 },
    );
  });

  it("stays green at the gate, which plants NaN where rows must not read, and hard numbers", async () => {
    await fc.assert(
      fc.asyncProperty(
        softmaxProblems,
        fc.constantFrom<GradientPass>("backward", "train"),
        async (plain, pass) => {
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
        },
      ),
      { numRuns: 40 },
    );
  });

  it("keeps a query that is not a number from keys that it does not attend", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 200, headDim: 8 });
    const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern: band(10, 10) };
    for (const name of ["q", "dout"] as const) {
      const problem = gradientOf(problemOf(mechanism, shape, false));
      const tensor = (problem.inputs as unknown as Record<string, Float32Array>)[name];
      tensor[100 * 8 + 3] = Number.NaN;
      const output = gradientsOf(problem, wasm);
      for (const { name: gradient, layout, offset } of outputsOf(problem)) {
        for (let row = 0; row < layout.rows; row++) {
          const finite = output.subarray(offset + row * 8, offset + (row + 1) * 8).every(Number.isFinite);
          const near = gradient === "dq" ? row === 100 : Math.abs(row - 100) <= 10;
          if (!near) expect({ gradient, row, finite }).toEqual({ gradient, row, finite: true });
        }
      }
    }
  });

  it("leaves exactly nothing at keys that no query attends", () => {
    const shape = shapeOf({ batch: 1, heads: 2, length: 300, headDim: 16, queries: 20 });
    const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern: band(5, 0) };
    const problem = gradientOf(problemOf(mechanism, shape, false));
    const output = gradientsOf(problem, wasm);
    for (const tensor of outputsOf(problem).slice(1)) {
      for (const head of [0, 1]) {
        const unseen = headOf(output, tensor, head).subarray(0, 270 * 16);
        expect(unseen.every((value) => Object.is(value, 0))).toBe(true);
      }
    }
  });

  it("counts what whole panels compute: of 96 queries, 128 keys and 64 channels five products, and of keys two more", () => {
    const shape = shapeOf({ batch: 2, heads: 1, length: 128, queries: 96, headDim: 64 });
    const problem = gradientOf(problemOf(parameterize(full, {}).mechanism, shape, false));
    const runnable = wasm.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
    // 128 keys are 21 panels of 6 and one of 4; of a query two factors and a product of rows.
    const pairs = 3 * 96 * 128 + 2 * 96 * 130;
    expect(runnable.executedFlops).toBe(2 * (2 * 64 * pairs + 2 * 96 * 128));
    runnable.dispose();
  });

  it("is refused where scores are not products, in words", () => {
    const [plain] = fc.sample(softmaxProblems, 1);
    const { mechanism } = parameterize(full, { score: "gat" });
    expect(wasm.supports(gradientOf(problemOf(mechanism, plain.shape, false)))).toBe(
      "it computes no gradient of scores that are not products",
    );
  });
});
