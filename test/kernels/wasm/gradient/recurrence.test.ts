import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { QKV, shapeOf } from "../../../../src/core/shape.ts";
import { tensorNamed } from "../../../../src/core/tensors.ts";
import { parameterize } from "../../../../src/core/variant.ts";
import {
  guardedOutput,
  type ReadyKernel,
  type Runnable,
  withOutput,
} from "../../../../src/kernels/kernel.ts";
import { Arena } from "../../../../src/kernels/wasm/arena.ts";
import { BUILD_NAMES } from "../../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import { DOUT } from "../../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { isRecurrence } from "../../../../src/mechanisms/recurrence/declare.ts";
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

/** The problem prepared with its tensors where the kernel reads them in place, in an arena that was full of `filling` before. */
function inPlace(problem: JudgedProblem, filling: number): { runnable: Runnable; arena: Arena } {
  const tensors = new Arena().tensors(problem.shape);
  const arena = Arena.of([tensors.q]);
  if (arena === undefined) throw new TypeError("its tensors must be in an arena");
  const room = (values: Float32Array): Float32Array => {
    const to = arena.floats(arena.reserve(values.byteLength).start, values.length);
    to.set(values);
    return to;
  };
  const dout = room(tensorNamed(problem.inputs, DOUT));
  const output = withOutput(
    { ...tensors, allocate: (count) => room(new Float32Array(count)) },
    outputCount(outputsOf(problem)),
  ).output;
  for (const name of QKV) tensors[name].set(problem.inputs[name]);
  const dirty = arena.reserve(2 ** 23);
  arena.floats(dirty.start, dirty.bytes / 4).fill(filling);
  arena.release(dirty);
  const inputs = { ...problem.inputs, q: tensors.q, k: tensors.k, v: tensors.v, [DOUT]: dout };
  return { runnable: wasm.prepare({ ...problem, inputs }, output), arena };
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
  });

  it("is right where gates are 0 and 1, decays underflow, keys are zero or all the same", () => {
    fc.assert(
      fc.property(problems, extremes, ({ plain, problem }, ends) => {
        const title = `${describeProblem(plain)} ${JSON.stringify(ends)}`;
        expect([title, failureOf(withExtremes(problem, ends), kernel)]).toEqual([title, null]);
      }),
      examples(150),
    );
  });
});

describe("the gradient of recurrences in the wasm family", () => {
  it.each(every.filter(({ mechanism }) => isRecurrence(mechanism) && mechanism.erase !== null))(
    "is right where keys are much alike, so that most of what is written is erased again: $id",
    ({ id, mechanism }) => {
      for (const headDim of [20, 40]) {
        for (const seed of [3, 4, 5]) {
          const shape = shapeOf({ batch: 1, heads: 1, length: 60, headDim, valueDim: 4 });
          const problem = gradientOf(problemOf(mechanism, shape, true, "local", seed), "backward", seed);
          expect([id, headDim, seed, failureOf(problem, wasm)]).toEqual([id, headDim, seed, null]);
        }
      }
    },
  );

  it.each(every)("adds up segments, and has the same bits on any number of threads: $id", ({ mechanism }) => {
    for (const [length, heads] of [
      [1600, 2],
      [3100, 1],
    ]) {
      const shape = shapeOf({ batch: 1, heads, length, headDim: 9, valueDim: 5 });
      const problem = gradientOf(problemOf(mechanism, shape, true), "train");
      const output = gradientsOf(problem, wasm);
      const places = rowsToCheck(problem, 1);
      expect(expectation(problem, reference(problem), places, 0).compare(output).failure).toBeNull();
      for (const threads of [2, 3, 4]) {
        expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), output, `${length} ${threads}`);
      }
    }
  });

  it("has the same bits on any number of threads, call after call, for any problem", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 2, max: 4 }), ({ plain, problem }, threads) => {
        const one = gradientsOf({ ...problem, threads: 1 }, wasm);
        expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), one, describeProblem(plain));
      }),
      examples(100),
    );
  });

  it("has the same bits over scratch that is full of anything, and writes nothing behind it", () => {
    fc.assert(
      fc.property(problems, ({ plain, problem }) => {
        const expected = gradientsOf(problem, wasm);
        for (const filling of [Number.NaN, -1e30]) {
          const { runnable, arena } = inPlace(problem, filling);
          expect(runnable.inputs).toBeUndefined();
          const behind = arena.reserve(4096);
          const words = arena.integers(behind.start, behind.bytes / 4).fill(0x5a5a5a5a);
          runnable.output().fill(Number.NaN);
          runnable.save?.();
          runnable.run();
          expectSameBits(runnable.output(), expected, describeProblem(plain));
          expect(words.every((word) => word === 0x5a5a5a5a)).toBe(true);
          runnable.dispose();
        }
      }),
      examples(100),
    );
  });

  it("stays green at the gate, which plants NaN where rows must not read, and hard numbers", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ plain, problem }) => {
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
        [130, 97],
      ]) {
        const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 16 });
        const problem = gradientOf(problemOf(mechanism, shape, true));
        const clean = gradientsOf(problem, wasm);
        const spoiled = (name: string, from: number, to: number): Float32Array => {
          const values = tensorNamed(problem.inputs, name)
            .slice()
            .fill(Number.NaN, from * 16, to * 16);
          return gradientsOf({ ...problem, inputs: { ...problem.inputs, [name]: values } }, wasm);
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

  it("keeps a state a chunk, and counts that as saved", () => {
    const shape = shapeOf({ batch: 2, heads: 3, length: 100, headDim: 16, valueDim: 16 });
    const bytesOf = (id: string): number => {
      const found = every.find((one) => one.id === id);
      if (found === undefined) throw new RangeError(`test: no variant ${id}`);
      const problem = gradientOf(problemOf(found.mechanism, shape, true));
      const runnable = wasm.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
      const bytes = runnable.saved?.().reduce((sum, { byteLength }) => sum + byteLength, 0) ?? 0;
      runnable.dispose();
      return bytes;
    };
    expect(bytesOf("retention")).toBe(6 * 3 * 16 * 16 * 4);
    expect(bytesOf("kda")).toBe(6 * 7 * 16 * 16 * 4);
  });
});
