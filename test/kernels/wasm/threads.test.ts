import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { guardedOutput, type ReadyKernel } from "../../../src/kernels/kernel.ts";
import { Arena } from "../../../src/kernels/wasm/arena.ts";
import { openBuild } from "../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { ThreadPool } from "../../../src/kernels/wasm/threads/pool.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { isDefined, problemsFor } from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

describe("several threads", () => {
  it("give the bits of one, call after call, for any problem", () => {
    fc.assert(
      fc.property(problemsFor(wasm), fc.integer({ min: 2, max: 4 }), (problem, threads) => {
        const expected = outputOf(problem, wasm, 1);
        const [first, second] = [
          outputOf({ ...problem, threads }, wasm, 1),
          outputOf({ ...problem, threads }, wasm, 2),
        ];
        expect(first.every((value, at) => Object.is(value, expected[at]))).toBe(true);
        expect(second.every((value, at) => Object.is(value, expected[at]))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("give the bits of one on many segments and groups, causal and not", () => {
    for (const problem of longProblems()) {
      const expected = outputOf(problem, wasm, 1);
      const got = outputOf({ ...problem, threads: 3 }, wasm, 3);
      expect(got.every((value, at) => Object.is(value, expected[at]))).toBe(true);
    }
  });

  it("are right in every row", () => {
    fc.assert(
      fc.property(problemsFor(wasm), (problem) => {
        expect(failureInAnyRow({ ...problem, threads: 2 }, wasm)).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it("are refused beyond what there is room for, in words", () => {
    const [problem] = fc.sample(problemsFor(wasm), 1);
    expect(wasm.supports({ ...problem, threads: 257 })).toBe("it runs on at most 256 threads, got 257");
  });
});

describe("a pool of threads", () => {
  const build = openBuild("plain");
  if (typeof build === "string") throw new Error(build);
  const pool = new ThreadPool();
  afterAll(() => pool.end());

  it("says that a thread failed, and goes on with the next job", () => {
    const arena = new Arena();
    const crew = pool.open(arena, build, 2);
    const scratch = arena.reserve(100_000).start;
    const job = { runner: "runBurst", call: 500, from: 0, to: 64, itemBytes: 1 } as const;
    const beyond = 2 ** 32 - 4096;
    // One thread may take all items of a job before the other is awake.
    const untilItFails = (lanes: number[]) => () => {
      for (let attempt = 0; attempt < 1000; attempt++) crew.run({ ...job, lanes });
    };
    // Only the worker's lane is outside of the memory: this thread must find that out from the other.
    expect(untilItFails([scratch, beyond])).toThrow("wasm: a thread failed");
    expect(untilItFails([beyond, scratch])).toThrow("out of bounds");
    expect(() => crew.run({ ...job, lanes: [scratch, scratch + 50_000] })).not.toThrow();
    crew.close();
    expect(() => crew.run({ ...job, lanes: [scratch, scratch] })).toThrow("crew that is open");
  });

  it("lets several crews work in turn, on builds and memories of their own, of different sizes", () => {
    const crews = [2, 4, 3].map((threads) => {
      const arena = new Arena();
      const lanes = Array.from({ length: threads }, () => arena.reserve(50_000).start);
      return { crew: pool.open(arena, build, threads), lanes };
    });
    for (const to of [0, 1, 3, 500]) {
      for (const { crew, lanes } of crews) {
        expect(() =>
          crew.run({ runner: "runBurst", call: 3, lanes, from: 0, to, itemBytes: 1 }),
        ).not.toThrow();
      }
    }
    for (const { crew } of crews) crew.close();
  });
});

function outputOf(problem: Problem, kernel: ReadyKernel, calls: number): Float32Array {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  for (let call = 0; call < calls; call++) {
    runnable.output().fill(Number.NaN);
    runnable.run();
  }
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}

/** Each variant that the kernel takes, at 3000 tokens, 2 heads of 24. */
function longProblems(): Problem[] {
  const shape = shapeOf({ batch: 1, heads: 2, length: 3000, headDim: 24 });
  const seen = new Map<string, Problem>();
  for (const problem of fc.sample(problemsFor(wasm), { numRuns: 200, seed: 5 })) {
    const { mechanism, causal } = problem;
    const forms = isSoftmaxPattern(mechanism) && [
      mechanism.turn !== undefined || mechanism.bias !== undefined,
      mechanism.normaliser?.kind,
    ];
    const name = JSON.stringify([mechanism.kind, causal, forms]);
    // What is defined for few shapes, such as layers and images, has tests of its own.
    if (seen.has(name) || !isDefined({ ...problem, shape })) continue;
    const tensor = () =>
      Float32Array.from({ length: elementCount(shape) }, (_, at) => Math.sin(at * 0.7 + seen.size));
    const inputs = withNamed({ ...problem, shape }, { shape, q: tensor(), k: tensor(), v: tensor() }, 1);
    seen.set(name, { ...problem, shape, inputs });
  }
  return [...seen.values()];
}
