import { expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { GUARD, guardedOutput } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { everything } from "../../src/pattern/band.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { problemOf } from "./arbitrary-problems.ts";

const problem = problemOf(
  ofPattern(everything()),
  shapeOf({ batch: 1, heads: 1, length: 2, headDim: 3 }),
  false,
);

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

it("simpleKernel takes shapes whose tensors differ only in the ways that it is given", () => {
  const prepare = () => () => {};
  const task = { ...problem, shape: shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 2, headDim: 3 }) };
  expect(supportsPass(simpleKernel({ id: "a", freedoms: ["kvHeads"], prepare }), task)).toBe(true);
  expect(supportsPass(simpleKernel({ id: "a", prepare }), task)).toMatch(/heads of k and v/);
});

it("simpleKernel makes a kernel of the parts of a call that is waited for, prepared at once or not", async () => {
  const asked: string[] = [];
  const parts = {
    load: () => void asked.push("load"),
    run: () => void asked.push("run"),
    finish: async () => void asked.push("finish"),
  };
  const open = async () => "no device";
  const device = simpleKernel({ id: "device", open, prepare: async () => parts });
  expect(await device.open?.()).toBe("no device");
  const output = guardedOutput(6);
  const runnable = await device.prepare(problem, output);
  runnable.load?.();
  runnable.run();
  await runnable.finish?.();
  expect(asked).toEqual(["load", "run", "finish"]);
  expect([runnable.output(), runnable.fetch, runnable.bytes]).toEqual([output, undefined, null]);
  runnable.dispose();
  const ready = await simpleKernel({ id: "ready", prepare: () => parts }).prepare(problem, output);
  ready.run();
  expect(asked).toHaveLength(4);
});

it("simpleKernel refuses what cannot be called", async () => {
  const nothing = (prepare: () => unknown) =>
    simpleKernel({ id: "nothing", prepare: prepare as () => Promise<{ run(): void }> });
  for (const made of [undefined, {}, 7]) {
    expect(() => nothing(() => made).prepare(problem, guardedOutput(6))).toThrow(
      /^nothing: prepare must return the function that computes, got /,
    );
  }
  await expect(nothing(async () => ({})).prepare(problem, guardedOutput(6))).rejects.toThrow(/got object/);
});

it("guardedOutput leaves room for canaries on both sides", () => {
  const output = guardedOutput(5);
  expect(output.length).toBe(5);
  expect(output.byteOffset).toBe(4 * GUARD);
  expect(output.buffer.byteLength).toBe(4 * (5 + 2 * GUARD));
});
