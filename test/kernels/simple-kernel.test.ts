import { expect, it } from "vitest";
import { GUARD, guardedOutput } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { everything } from "../../src/pattern/band.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { problemOf } from "./arbitrary-problems.ts";

const problem = problemOf(ofPattern(everything()), { batch: 1, heads: 1, length: 2, headDim: 3 }, false);

it("simpleKernel makes a kernel of one function that takes every task, and counts nothing", () => {
  const kernel = simpleKernel({ id: "seven", prepare: (_, output) => () => output.fill(7) });
  expect([kernel.id, kernel.title, kernel.supports(problem)]).toEqual(["seven", "seven", true]);
  const output = guardedOutput(6);
  const runnable = kernel.prepare(problem, output);
  expect([...output]).toEqual([0, 0, 0, 0, 0, 0]);
  runnable.run();
  expect(runnable.output()).toBe(output);
  expect([...output]).toEqual([7, 7, 7, 7, 7, 7]);
  const { workspaceBytes, executedFlops, bytes } = runnable;
  expect([workspaceBytes, executedFlops, bytes]).toEqual([null, null, null]);
  runnable.dispose();
});

it("simpleKernel keeps the title and the answer to what it supports that it is given", () => {
  const kernel = simpleKernel({ id: "a", title: "A", supports: () => "too large", prepare: () => () => {} });
  expect([kernel.title, kernel.supports(problem)]).toEqual(["A", "too large"]);
});

it("guardedOutput leaves room for canaries on both sides", () => {
  const output = guardedOutput(5);
  expect(output.length).toBe(5);
  expect(output.byteOffset).toBe(4 * GUARD);
  expect(output.buffer.byteLength).toBe(4 * (5 + 2 * GUARD));
});
