import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../src/kernels/kernel.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { elman } from "../../variants/baseline/elman.ts";
import { lstm } from "../../variants/baseline/lstm.ts";
import { minGru } from "../../variants/baseline/min-gru.ts";
import { minLstm } from "../../variants/baseline/min-lstm.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";
import { problemOf } from "./arbitrary-problems.ts";

/** The builds by the columns of their micro-kernels. */
const builds = [
  [16, createWasm("wide")],
  [8, createWasm("relaxed")],
] as const;
const CELLS = [elman, lstm, minGru, minLstm];

function problem(variant: Variant, length: number, headDim: number, batch = 1, heads = 1): JudgedProblem {
  const { mechanism } = parameterize(variant, {});
  return problemOf(mechanism, shapeOf({ batch, heads, length, headDim }), true);
}

function prepared(one: JudgedProblem, kernel: ReadyKernel): Runnable {
  return kernel.prepare(one, guardedOutput(elementCount(one.shape, "output")));
}

function countsOf(one: JudgedProblem, kernel: ReadyKernel) {
  const runnable = prepared(one, kernel);
  const { executedFlops, bytes, workspaceBytes } = runnable;
  runnable.dispose();
  return { executedFlops, bytes, workspaceBytes };
}

describe.each(builds)("recurrent cells in a build of %i columns", (columns, wasm) => {
  it("count whole panels of tokens, and whole blocks of gates", () => {
    // 26 tokens are a chunk of 24 and two, which a panel of 4 computes; 4 gates of 16 channels.
    const wide = Math.ceil((4 * 16) / (4 * columns)) * 4 * columns;
    expect(countsOf(problem(lstm, 26, 9, 2, 3), wasm).executedFlops).toBe(6 * 2 * 9 * wide * (24 + 4 + 26));
    expect(countsOf(problem(elman, 5, 8), wasm).executedFlops).toBe(2 * 8 * 4 * columns * (6 + 5));
    expect(countsOf(problem(minGru, 10, 9), wasm).executedFlops).toBe(6 * 10 * 16);
    expect(countsOf(problem(minLstm, 10, 9), wasm).executedFlops).toBe(9 * 10 * 16);
  });

  it("take as much memory of their own however long the sequence is", () => {
    for (const variant of CELLS) {
      const [short, long] = [64, 4096].map((length) => countsOf(problem(variant, length, 64), wasm));
      expect(long.workspaceBytes).toBe(short.workspaceBytes);
    }
  });

  it("are right where threads divide the channels of one head, and where they divide heads", () => {
    for (const variant of CELLS) {
      for (const [headDim, batch, heads, threads] of [
        [100, 1, 1, 3],
        [64, 1, 1, 2],
        [9, 2, 2, 3],
      ]) {
        const one = { ...problem(variant, 60, headDim, batch, heads), threads };
        expect([variant.id, headDim, failureInAnyRow(one, wasm)]).toEqual([variant.id, headDim, null]);
      }
    }
  });
});

describe.each([["wasm", builds[0][1]] as const, ["js", js] as const])(
  "recurrent cells by %s",
  (_, kernel) => {
    it("read what they read once", () => {
      const size = 4 * 6 * 10 * 9;
      expect(countsOf(problem(minGru, 10, 9, 2, 3), kernel).bytes).toBe(3 * size);
      expect(countsOf(problem(minLstm, 10, 9, 2, 3), kernel).bytes).toBe(4 * size);
      expect(countsOf(problem(elman, 10, 9, 2, 3), kernel).bytes).toBe(2 * size);
      expect(countsOf(problem(lstm, 10, 9, 2, 3), kernel).bytes).toBe(2 * size);
    });

    it("read weights anew on each call", () => {
      for (const variant of [elman, lstm]) {
        const one = problem(variant, 30, 10, 1, 2);
        const runnable = prepared(one, kernel);
        runnable.run();
        for (const name of ["w", "u"]) tensorNamed(one.inputs, name).reverse();
        runnable.run();
        const again = runnable.output().slice();
        runnable.dispose();
        const fresh = prepared(one, kernel);
        fresh.run();
        expect(again).toEqual(fresh.output());
        fresh.dispose();
      }
    });

    it("say why they take no shape that the mathematics has no room for", () => {
      const one = problem(lstm, 10, 8);
      for (const [shape, why] of [
        [{ valueDim: 4 }, "values as wide as keys, got 4 for 8"],
        [{ queries: 3 }, "as many queries as keys, got 3 for 10"],
      ] as const) {
        expect(kernel.supports({ ...one, shape: { ...one.shape, ...shape } })).toBe(`it takes ${why}`);
      }
    });
  },
);
