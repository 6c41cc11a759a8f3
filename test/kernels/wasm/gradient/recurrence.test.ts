import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { shapeOf } from "../../../../src/core/shape.ts";
import { tensorNamed } from "../../../../src/core/tensors.ts";
import { parameterize } from "../../../../src/core/variant.ts";
import { guardedOutput, type ReadyKernel } from "../../../../src/kernels/kernel.ts";
import { BUILD_NAMES } from "../../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import { DOUT } from "../../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../../src/verify/gradient-rows.ts";
import { brokenGuard, setGuards } from "../../../../src/verify/guarded-run.ts";
import { prepareCase } from "../../../../src/verify/prepare-case.ts";
import { recurrences } from "../../../../variants/recurrence/index.ts";
import { examples } from "../../../examples.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { describeProblem, isDefined, problemOf } from "../../arbitrary-problems.ts";
import { extremes, recurrenceProblems, withExtremes } from "../../recurrence-problems.ts";

const passes = fc.constantFrom<GradientPass>("backward", "train");
const builds = BUILD_NAMES.map((name) => ({ name, wasm: createWasm(name) }));
const wasm = createWasm("auto");

/** What a kernel computes of a gradient, called `calls` times. Fails if it writes beside its output. */
function gradientsOf(problem: JudgedProblem, kernel: ReadyKernel, calls = 1): Float32Array {
  const runnable = kernel.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
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

function expectSameBits(got: Float32Array, expected: Float32Array, what: string): void {
  const at = got.findIndex((value, index) => !Object.is(value, expected[index]));
  expect([what, at]).toEqual([what, -1]);
}

/** What is wrong in any row of what a kernel computes. */
function failureOf(problem: JudgedProblem, kernel: ReadyKernel): string | null {
  const expected = expectation(problem, reference(problem), everyRowOf(problem), 0);
  return expected.compare(gradientsOf(problem, kernel)).failure;
}

/** Everything that can be declared, of shapes on both sides of a chunk, on one thread or three. */
const problems: Arbitrary<{ plain: JudgedProblem; problem: JudgedProblem }> = fc
  .tuple(recurrenceProblems, passes, fc.nat())
  .map(([plain, pass, seed]) => ({ plain, problem: gradientOf(plain, pass, seed) }))
  .filter(({ problem }) => isDefined(problem));

const every = recurrences.map((variant) => ({
  id: variant.id,
  mechanism: parameterize(variant, {}).mechanism,
}));

describe.each(builds)("the gradient of recurrences in the build $name", ({ wasm: kernel }) => {
  it("is that of the oracle in every row, whatever decays, writes, erases and reads", () => {
    fc.assert(
      fc.property(problems, ({ plain, problem }) => {
        expect(kernel.supports(problem)).toBe(true);
        const title = describeProblem(plain);
        expect([title, failureOf(problem, kernel)]).toEqual([title, null]);
      }),
      examples(150),
    );
  }, 240_000);

  it("is right where gates are 0 and 1, decays underflow, keys are zero or all the same", () => {
    fc.assert(
      fc.property(problems, extremes, ({ plain, problem }, ends) => {
        const title = `${describeProblem(plain)} ${JSON.stringify(ends)}`;
        expect([title, failureOf(withExtremes(problem, ends), kernel)]).toEqual([title, null]);
      }),
      examples(150),
    );
  }, 240_000);
});
