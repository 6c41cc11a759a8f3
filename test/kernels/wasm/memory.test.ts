import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput, type Runnable } from "../../../src/kernels/kernel.ts";
import { Arena } from "../../../src/kernels/wasm/arena.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { full } from "../../../variants/dense/full.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { local } from "../../../variants/sparse/local.ts";
import { problemsFor } from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

/** The problem with its tensors where the kernel reads them in place, and the arena's bytes filled with `filling` before. */
function inPlace(problem: Problem, filling = 0): { runnable: Runnable; arena: Arena; tensors: number } {
  const tensors = wasm.allocate?.(problem.shape);
  if (tensors === undefined) throw new TypeError("it must allocate");
  for (const name of ["q", "k", "v"] as const) tensors[name].set(problem.inputs[name]);
  const arena = Arena.of([tensors.q]);
  if (arena === undefined) throw new TypeError("its tensors must be in an arena");
  const dirty = arena.reserve(2 ** 22);
  arena.floats(dirty.start, dirty.bytes / 4).fill(filling);
  arena.release(dirty);
  const inputs = { ...problem.inputs, q: tensors.q, k: tensors.k, v: tensors.v };
  const held = arena.memory.buffer.byteLength;
  return { runnable: wasm.prepare({ ...problem, inputs }, tensors.output), arena, tensors: held };
}

function run(runnable: Runnable): Float32Array {
  runnable.output().fill(Number.NaN);
  runnable.run();
  return runnable.output().slice();
}

describe("a call of the wasm family", () => {
  it("gives the same bits in place as on copies, and over scratch that is full of NaN", () => {
    fc.assert(
      fc.property(problemsFor(wasm), (problem) => {
        const copied = wasm.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
        const expected = run(copied);
        for (const filling of [0, Number.NaN, -1e30]) {
          const { runnable } = inPlace(problem, filling);
          expect(runnable.inputs).toBeUndefined();
          const got = run(runnable);
          expect(got.every((value, at) => Object.is(value, expected[at]))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("writes nothing outside of its output and its own scratch", () => {
    fc.assert(
      fc.property(problemsFor(wasm), (problem) => {
        const { runnable, arena } = inPlace(problem);
        const behind = arena.reserve(4096);
        const words = arena.integers(behind.start, behind.bytes / 4);
        words.fill(0x5a5a5a5a);
        runnable.run();
        expect(words.every((word) => word === 0x5a5a5a5a)).toBe(true);
        runnable.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("counts its scratch to the line: a region of so many bytes was reserved, and is free when it is disposed of", () => {
    fc.assert(
      fc.property(problemsFor(wasm), (problem) => {
        const { runnable, arena } = inPlace(problem);
        const bytes = runnable.workspaceBytes ?? 0;
        const before = arena.reserve(64);
        runnable.dispose();
        const after = arena.reserve(bytes);
        expect(before.start - after.start).toBeLessThan(bytes + 256);
        expect(after.start + bytes).toBeLessThanOrEqual(before.start);
      }),
      { numRuns: 60 },
    );
  });

  it("needs O(N·d) beyond its tensors: full attention at 16 384 tokens under 8 MiB, linear under two", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 16_384, headDim: 64 });
    const zeros = new Float32Array(elementCount(shape));
    const inputs = { shape, q: zeros, k: zeros, v: zeros };
    const workspace = (variant: typeof full | typeof linear | typeof local): number => {
      const { mechanism } = parameterize(variant, {});
      const runnable = wasm.prepare(
        { mechanism, shape, inputs, causal: false, threads: 1 },
        guardedOutput(zeros.length),
      );
      return runnable.workspaceBytes ?? Number.NaN;
    };
    expect(workspace(full)).toBeLessThan(8 * 2 ** 20);
    expect(workspace(local)).toBeLessThan(8 * 2 ** 20);
    expect(workspace(linear)).toBeLessThan(2 * 2 ** 20);
  });
});
