import fc, { type Arbitrary } from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { shapeOf } from "../../../../src/core/shape.ts";
import { tensorNamed } from "../../../../src/core/tensors.ts";
import { parameterize } from "../../../../src/core/variant.ts";
import { guardedOutput } from "../../../../src/kernels/kernel.ts";
import { createNative } from "../../../../src/kernels/native/index.ts";
import { endThreads } from "../../../../src/kernels/native/threads/crew.ts";
import { DOUT } from "../../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import type { Recurrence } from "../../../../src/mechanisms/recurrence/declare.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../../src/verify/gradient-rows.ts";
import { brokenGuard, setGuards } from "../../../../src/verify/guarded-run.ts";
import { prepareCase } from "../../../../src/verify/prepare-case.ts";
import { gla } from "../../../../variants/recurrence/gla.ts";
import { recurrences } from "../../../../variants/recurrence/index.ts";
import { examples } from "../../../examples.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { describeProblem, isDefined, problemOf } from "../../arbitrary-problems.ts";
import { extremes, recurrenceProblems, withExtremes } from "../../recurrence-problems.ts";
import { describeNative } from "../here.ts";

const native = createNative();
const passes = fc.constantFrom<GradientPass>("backward", "train");

/** What it computes of a gradient, called `calls` times. Fails if it writes beside its output. */
function gradientsOf(problem: JudgedProblem, calls = 1): Float32Array {
  const runnable = native.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
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

/** What is wrong in any row of what it computes. */
function failureOf(problem: JudgedProblem): string | null {
  const expected = expectation(problem, reference(problem), everyRowOf(problem), 0);
  return expected.compare(gradientsOf(problem)).failure;
}

/** Everything that it takes, of shapes on both sides of a chunk, on one thread or three. */
const problems: Arbitrary<{ plain: JudgedProblem; problem: JudgedProblem }> = fc
  .tuple(recurrenceProblems, passes, fc.nat())
  .map(([plain, pass, seed]) => ({ plain, problem: gradientOf(plain, pass, seed) }))
  .filter(({ problem }) => isDefined(problem) && native.supports(problem) === true);

const every = recurrences
  .map((variant) => ({ id: variant.id, mechanism: parameterize(variant, {}).mechanism }))
  .filter(({ mechanism }) => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 20, headDim: 16 });
    return native.supports(gradientOf(problemOf(mechanism, shape, true))) === true;
  });

describeNative("the gradient of recurrences in machine code", () => {
  afterAll(endThreads);

  it("is that of the oracle in every row, whatever it takes", () => {
    fc.assert(
      fc.property(problems, ({ plain, problem }) => {
        const title = describeProblem(plain);
        expect([title, failureOf(problem)]).toEqual([title, null]);
      }),
      examples(200),
    );
  });

  it("is right where gates are 0 and 1, decays underflow, keys are zero or all the same", () => {
    fc.assert(
      fc.property(problems, extremes, ({ plain, problem }, ends) => {
        const title = `${describeProblem(plain)} ${JSON.stringify(ends)}`;
        expect([title, failureOf(withExtremes(problem, ends))]).toEqual([title, null]);
      }),
      examples(200),
    );
  });

  it.each(every)("adds up segments, and has the same bits on any number of threads: $id", ({ mechanism }) => {
    for (const [length, heads] of [
      [1041, 1],
      [530, 2],
    ]) {
      const shape = shapeOf({ batch: 1, heads, length, headDim: 9, valueDim: 5 });
      const problem = gradientOf(problemOf(mechanism, shape, true), "train");
      const output = gradientsOf(problem);
      const places = rowsToCheck(problem, 1);
      expect(expectation(problem, reference(problem), places, 0).compare(output).failure).toBeNull();
      for (const threads of [2, 3, 4]) {
        expectSameBits(gradientsOf({ ...problem, threads }, 2), output, `${length} ${threads}`);
      }
    }
  });

  it.each(every)("has room for the widest heads, and no more than they need: $id", ({ mechanism }) => {
    for (const [headDim, valueDim] of [
      [64, 64],
      [65, 20],
      [256, 3],
      [10, 256],
    ]) {
      const shape = shapeOf({ batch: 1, heads: 1, length: 21, headDim, valueDim });
      const problem = gradientOf(problemOf(mechanism, shape, true));
      const expected = expectation(problem, reference(problem), rowsToCheck(problem, 1), 0);
      expect([headDim, valueDim, expected.compare(gradientsOf(problem)).failure]).toEqual([
        headDim,
        valueDim,
        null,
      ]);
    }
  });

  it("has the same bits on any number of threads, call after call, for any problem", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 2, max: 4 }), ({ plain, problem }, threads) => {
        const one = gradientsOf({ ...problem, threads: 1 });
        expectSameBits(gradientsOf({ ...problem, threads }, 2), one, describeProblem(plain));
      }),
      examples(60),
    );
  });

  it.each(["backward", "train", null] as const)(
    "leaves weights alone that its gates are not made of: %s",
    (pass) => {
      const drawn = parameterize(gla, {}).mechanism as Recurrence;
      const shape = shapeOf({ batch: 1, heads: 2, length: 40, headDim: 24 });
      const given = problemOf(
        { ...drawn, decay: { form: "given", per: "channel" } } as Recurrence,
        shape,
        true,
      );
      const problem = { ...(pass === null ? given : gradientOf(given, pass)), threads: 2 };
      const weights = {
        decay: new Float32Array(2 * 24 * 24).fill(1e30),
        write: new Float32Array(2 * 24).fill(1e30),
      };
      const got = gradientsOf({ ...problem, inputs: { ...problem.inputs, ...weights } });
      expectSameBits(got, gradientsOf(problem), String(pass));
    },
  );

  it("stays green at the gate, which plants NaN where rows must not read, and hard numbers", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ plain, problem }) => {
        const result = await prepareCase(problem, native, {
          places: rowsToCheck(problem, 1),
          fullRows: null,
          seed: 1,
          output: guardedOutput(outputCount(outputsOf(problem))),
          second: null,
          now: () => 0,
        });
        if (result.outcome === "red") expect(`${describeProblem(plain)}: ${result.reason}`).toBeNull();
      }),
      examples(60),
    );
  });

  /** Of dout the first or the last rows are not numbers, of k and v the last. */
  it.each(every)(
    "keeps what is not a number from rows that it does not reach, to the bit: $id",
    ({ mechanism }) => {
      for (const [length, cut] of [
        [49, 3],
        [100, 55],
        [1130, 600],
      ]) {
        const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 16 });
        const problem = gradientOf(problemOf(mechanism, shape, true));
        const clean = gradientsOf(problem);
        const spoiled = (name: string, from: number, to: number): Float32Array => {
          const values = tensorNamed(problem.inputs, name)
            .slice()
            .fill(Number.NaN, from * 16, to * 16);
          return gradientsOf({ ...problem, inputs: { ...problem.inputs, [name]: values } });
        };
        const rows = (output: Float32Array, name: string, from: number, to: number): Float32Array => {
          const offset = outputsOf(problem).find((one) => one.name === name)?.offset ?? Number.NaN;
          return output.subarray(offset + from * 16, offset + to * 16);
        };
        for (const [input, from, to, of, first, end] of [
          [DOUT, cut, length, ["dq"], 0, cut],
          [DOUT, 0, cut, ["dk", "dv"], cut, length],
          ["k", cut, length, ["dq"], 0, cut],
          ["v", cut, length, ["dq"], 0, cut],
        ] as const) {
          const output = spoiled(input, from, to);
          for (const name of of) {
            const what = `${name} with ${input} spoiled from ${from} to ${to} of ${length}`;
            expectSameBits(rows(output, name, first, end), rows(clean, name, first, end), what);
          }
        }
      }
    },
  );
});
