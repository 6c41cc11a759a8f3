import { expect } from "vitest";
import { outputCount } from "../../../../src/core/outputs.ts";
import { QKV } from "../../../../src/core/shape.ts";
import { tensorNamed } from "../../../../src/core/tensors.ts";
import {
  guardedOutput,
  type ReadyKernel,
  type Runnable,
  withOutput,
} from "../../../../src/kernels/kernel.ts";
import { Arena } from "../../../../src/kernels/wasm/arena.ts";
import { DOUT } from "../../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { brokenGuard, setGuards } from "../../../../src/verify/guarded-run.ts";

/** What a kernel computes of a gradient, called `calls` times. Fails if it writes beside its output. */
export function gradientsOf(problem: JudgedProblem, kernel: ReadyKernel, calls = 1): Float32Array {
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

/** Fails at the first number that is another. */
export function expectSameBits(got: Float32Array, expected: Float32Array): void {
  expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
}

/** The problem prepared with its tensors where the kernel reads them in place, in an arena that was full of `filling` before. */
export function inPlace(
  wasm: ReadyKernel,
  problem: JudgedProblem,
  filling: number,
): { runnable: Runnable; arena: Arena } {
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
  const dirty = arena.reserve(2 ** 22);
  arena.floats(dirty.start, dirty.bytes / 4).fill(filling);
  arena.release(dirty);
  const inputs = { ...problem.inputs, q: tensors.q, k: tensors.k, v: tensors.v, dout };
  return { runnable: wasm.prepare({ ...problem, inputs }, output), arena };
}

/** Expects the same bits in place as on copies, over scratch that is full of anything, and nothing written behind it. */
export function expectSameInDirtyPlace(wasm: ReadyKernel, problem: JudgedProblem): void {
  const expected = gradientsOf(problem, wasm);
  for (const filling of [Number.NaN, -1e30]) {
    const { runnable, arena } = inPlace(wasm, problem, filling);
    expect(runnable.inputs).toBeUndefined();
    const behind = arena.reserve(4096);
    const words = arena.integers(behind.start, behind.bytes / 4).fill(0x5a5a5a5a);
    runnable.output().fill(Number.NaN);
    runnable.save?.();
    runnable.run();
    expectSameBits(runnable.output(), expected);
    expect(words.every((word) => word === 0x5a5a5a5a)).toBe(true);
    runnable.dispose();
  }
}
