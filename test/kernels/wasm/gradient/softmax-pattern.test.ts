import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { guardedOutput, type ReadyKernel } from "../../../../src/kernels/kernel.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../../src/mechanisms/softmax-pattern/declare.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { brokenGuard, setGuards } from "../../../../src/verify/guarded-run.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { describeProblem, problemsFor } from "../../arbitrary-problems.ts";

const wasm = createWasm("auto");

const softmaxProblems: Arbitrary<JudgedProblem> = problemsFor(wasm).filter(
  ({ mechanism }) => isSoftmaxPattern(mechanism) && mechanism.score === undefined,
);

/** What a kernel computes of a gradient, called `calls` times, and whether it kept to its output. */
function gradientsOf(problem: JudgedProblem, kernel: ReadyKernel, calls = 1): Float32Array {
  const count = outputCount(outputsOf(problem));
  const runnable = kernel.prepare(problem, guardedOutput(count));
  setGuards(runnable.output());
  for (let call = 0; call < calls; call++) {
    runnable.output().fill(Number.NaN);
    runnable.save?.();
    runnable.run();
  }
  expect(brokenGuard(runnable.output())).toBeNull();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}

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
    120_000,
  );

  it("has the same bits on any number of threads, call after call", () => {
    fc.assert(
      fc.property(softmaxProblems, fc.integer({ min: 2, max: 4 }), (plain, threads) => {
        const problem = gradientOf(plain, "train");
        const expected = gradientsOf(problem, wasm);
        const got = gradientsOf({ ...problem, threads }, wasm, 2);
        expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it("is refused where scores are not products, in words", () => {
    const { mechanism } = fc.sample(softmaxProblems, 1)[0];
    const scored: SoftmaxPattern = {
      ...(mechanism as SoftmaxPattern),
      score: { kind: "leaky", slope: 0.2, seed: 0 },
    };
    const [plain] = fc.sample(softmaxProblems, 1);
    const problem = gradientOf({ ...plain, mechanism: scored });
    expect(wasm.supports(problem)).toBe("it computes no gradient of scores that are not products");
  });
});
