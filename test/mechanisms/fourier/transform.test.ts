import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { supportsPass } from "../../../src/kernels/supports-mode.ts";
import { levelsOf, planFourier } from "../../../src/kernels/wasm/fourier-plan.ts";
import type { Fourier } from "../../../src/mechanisms/fourier/declare.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";
import { reference, rowOf, workOf } from "../judge.ts";

const fourier: Fourier = { kind: "fourier" };
const [wasm, js] = builtInKernels().filter(({ supplement }) => supplement !== true);

/** What is wrong with some rows of a kernel's output, among them the first and the last; null if nothing is. */
function failure(kernel: typeof wasm, length: number, headDim: number, threads = 1): string | null {
  const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length, headDim });
  const problem = { ...problemOf(fourier, shape, false), threads };
  expect(supportsPass(kernel, problem)).toBe(true);
  const runnable = kernel.prepare(problem, guardedOutput(shape.heads * length * headDim));
  runnable.output().fill(Number.NaN);
  runnable.run();
  const step = Math.ceil(length / 12);
  const places = everyRow(shape).filter(({ row }) => row % step === 0 || row === length - 1 || row === 1);
  const { unproven, compare } = expectation(problem, reference(problem), places, 0);
  expect(unproven).toBeNull();
  const found = compare(runnable.output()).failure;
  runnable.dispose();
  return found;
}

describe.each([wasm, js])("transforms by kernel $id", (kernel) => {
  it("are right at every length to 70, at any width", () => {
    for (let length = 1; length <= 70; length++) {
      expect([length, failure(kernel, length, 1 + ((length * 7) % 33))]).toEqual([length, null]);
    }
  });

  it.each([
    ["a prime", 1009, 8],
    ["a large prime", 4099, 16],
    ["a power of 3", 2187, 24],
    ["factors that have no level of their own", 7 * 11 * 13, 5],
    ["two primes just small enough", 59 * 61, 4],
    ["twice a prime that is not", 2 * 67, 20],
    ["a square of one that is not", 67 * 67, 3],
    ["a power of 2", 4096, 64],
    ["more than 512", 513, 64],
    ["one channel", 2048, 1],
    ["an odd number of channels", 640, 63],
    ["the most channels", 96, 256],
  ])("are right at %s", (_what, length, headDim) => {
    expect(failure(kernel, length, headDim)).toBeNull();
  });
});

it("threads share out a transform, as levels and as a convolution", () => {
  for (const length of [1024, 1009, 5000]) {
    expect([length, failure(wasm, length, 64, 2)]).toEqual([length, null]);
  }
});

it("is a convolution only where a prime factor is large, of a power of two that holds both sides", () => {
  expect(planFourier(61 * 64, 256)).toMatchObject({ size: 61 * 64, isConvolution: false });
  expect(planFourier(67 * 64, 256)).toMatchObject({ size: 2 ** 14, isConvolution: true });
  expect(planFourier(16_384, 256)).toMatchObject({ parts: 128, across: 128 });
  expect(planFourier(512, 256)).toMatchObject({ parts: 1, across: 512 });
});

it("levels are by fours, and their factors make up the length", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (n) => {
      const factors = levelsOf(n).map(({ factor }) => factor);
      expect(factors.reduce((product, factor) => product * factor, 1)).toBe(n);
      expect(factors.filter((factor) => factor === 2).length).toBeLessThanOrEqual(1);
    }),
  );
  expect(levelsOf(128).map(({ factor, parts }) => [factor, parts])).toEqual([
    [4, 32],
    [4, 8],
    [4, 2],
    [2, 1],
  ]);
});

it("the reference is the sum of its definition", () => {
  const shape = shapeOf({ batch: 1, heads: 1, length: 6, headDim: 5 });
  const problem = problemOf(fourier, shape, false);
  const row = rowOf(reference(problem));
  for (let k = 0; k < 6; k++) {
    const { values } = row(0, 0, k, float64);
    for (let c = 0; c < 5; c++) {
      let sum = 0;
      for (let n = 0; n < 6; n++) {
        for (let j = 0; j < 5; j++) {
          sum += problem.inputs.v[n * 5 + j] * Math.cos(2 * Math.PI * ((n * k) / 6 + (j * c) / 5));
        }
      }
      expect(values[c]).toBeCloseTo(sum, 12);
    }
  }
});

it("counts 5·N·d·log2(N·d)", () => {
  const shape = shapeOf({ batch: 2, heads: 3, length: 16, headDim: 8, valueDim: 4 });
  const { usefulFlops } = workOf({ mechanism: fourier, shape, causal: false, threads: 1 });
  expect(usefulFlops).toBe(6 * 5 * 64 * 6);
});
