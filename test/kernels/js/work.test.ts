import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount } from "../../../src/core/shape.ts";
import { compileSchedule } from "../../../src/kernels/compile-schedule.ts";
import { js, jsRecurrent } from "../../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../../src/kernels/kernel.ts";
import { OPENS_ROWS, type Schedule } from "../../../src/kernels/schedule.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../../src/pattern/bind.ts";
import { problemsFor } from "../arbitrary-problems.ts";
import { tasksOf } from "../expanded-schedule.ts";

/** The tile sizes of the js family. */
const TILE = { queries: 32, keys: 64 };
/** Its chunks of linear attention. */
const CHUNK = 64;

const ofPatterns = problemsFor(js).filter(({ mechanism }) => isSoftmaxPattern(mechanism));
const ofFeatures = problemsFor(js).filter(({ mechanism }) => isFeatureMap(mechanism));

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the js tile kernel", () => {
  it("counts two products of d for every pair that a tile holds, attended or not", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        let flops = 0;
        forEachCall(problem, (schedule) => {
          for (const { rows, keys } of tasksOf(schedule)) {
            for (const _row of rows) for (const _key of keys) flops += 2 * (2 * problem.shape.headDim);
          }
        });
        expect(prepared(problem, js).executedFlops).toBe(flops);
      }),
      { numRuns: 40 },
    );
  });

  it("counts the bytes of a query a visit, of a key and a value a tile, and of every output once", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        let rows = 0;
        forEachCall(problem, (schedule) => {
          for (const task of tasksOf(schedule)) {
            if ((task.flags & OPENS_ROWS) !== 0) rows += task.rows.length;
            rows += 2 * task.keys.length * Math.ceil(task.rows.length / TILE.queries);
          }
        });
        rows += problem.shape.batch * problem.shape.heads * problem.shape.length;
        expect(prepared(problem, js).bytes).toBe(rows * problem.shape.headDim * 4);
      }),
      { numRuns: 40 },
    );
  });

  it("counts all scratch that preparing allocates, and each different schedule once", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        const { runnable, scratchBytes } = watched(problem, js);
        const schedules = new Set(bindHeadsOf(problem));
        let scheduleBytes = 0;
        for (const pattern of schedules) {
          const { tasks, masks } = compileSchedule(pattern, TILE);
          scheduleBytes += tasks.byteLength + masks.byteLength;
        }
        expect(runnable.workspaceBytes).toBe(scratchBytes + scheduleBytes);
      }),
      { numRuns: 40 },
    );
  });

  it("holds scratch in proportion to N·d, and none for it where one pass is enough", () => {
    const headDim = 8;
    const perTile = 8 * (2 * 32 * headDim + 2 * 64 * headDim + 32 * 64 + 2 * 32);
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        const narrow = { ...problem.shape, batch: 1, headDim };
        const zeros = new Float32Array(elementCount(narrow));
        const inputs = { shape: narrow, q: zeros, k: zeros, v: zeros };
        const { scratchBytes } = watched({ ...problem, shape: narrow, inputs }, js);
        const passes = bindHeadsOf(problem).map((pattern) => compileSchedule(pattern, TILE).passes);
        const kept = Math.max(...passes) > 1 ? 8 * narrow.length * (headDim + 2) : 0;
        expect(scratchBytes).toBe(perTile + kept);
      }),
      { numRuns: 20 },
    );
  });
});

describe("the js feature-map kernel", () => {
  it("counts a write and a read of the state a token, and the triangles of causal chunks", () => {
    fc.assert(
      fc.property(ofFeatures, (problem) => {
        const { batch, heads, length, headDim } = problem.shape;
        let flops = 0;
        for (let token = 0; token < length; token++) {
          const stateElements = headDim * (headDim + 1);
          flops += 2 * stateElements; // written
          flops += 2 * stateElements; // read
          if (!problem.causal) continue;
          const seenInChunk = (token % CHUNK) + 1;
          flops += seenInChunk * (2 * headDim + 2 * (headDim + 1));
        }
        expect(prepared(problem, js).executedFlops).toBe(batch * heads * flops);
      }),
    );
  });
});

describe("the js recurrent kernel", () => {
  it("does no more than the mathematics asks for: a write and a read of the state a token", () => {
    fc.assert(
      fc.property(problemsFor(jsRecurrent), (problem) => {
        const { batch, heads, length, headDim } = problem.shape;
        const flops = batch * heads * length * 2 * (2 * headDim * (headDim + 1));
        expect(prepared(problem, jsRecurrent).executedFlops).toBe(flops);
      }),
    );
  });
});

describe.each([js, jsRecurrent])("kernel $id on feature maps", (kernel) => {
  const problems = problemsFor(kernel).filter(({ mechanism }) => isFeatureMap(mechanism));

  it("counts q, k, v and out once each as its bytes", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { q, k, v } = problem.inputs;
        const bytes = q.byteLength + k.byteLength + v.byteLength + q.byteLength;
        expect(prepared(problem, kernel).bytes).toBe(bytes);
      }),
      { numRuns: 40 },
    );
  });

  it("counts all scratch that preparing allocates, which does not grow with N", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { runnable, scratchBytes } = watched(problem, kernel);
        expect(runnable.workspaceBytes).toBe(scratchBytes);
        const { headDim } = problem.shape;
        expect(scratchBytes).toBeLessThanOrEqual(
          8 * (CHUNK * (5 * headDim + 2 + CHUNK) + headDim * (headDim + 2)),
        );
      }),
      { numRuns: 40 },
    );
  });
});

function prepared(problem: Problem, kernel: ReadyKernel): Runnable {
  return kernel.prepare(problem, guardedOutput(elementCount(problem.shape)));
}

/** Prepares a kernel, and runs it once, while every float64 array that it makes is counted. */
function watched(problem: Problem, kernel: ReadyKernel): { runnable: Runnable; scratchBytes: number } {
  let scratchBytes = 0;
  class CountedFloat64Array extends Float64Array {
    constructor(length: number) {
      super(length);
      scratchBytes += this.byteLength;
    }
  }
  vi.stubGlobal("Float64Array", CountedFloat64Array);
  const runnable = prepared(problem, kernel);
  runnable.run();
  vi.unstubAllGlobals();
  return { runnable, scratchBytes };
}

function bindHeadsOf(problem: Problem) {
  if (!isSoftmaxPattern(problem.mechanism)) throw new TypeError("it has no pattern");
  return bindHeads(problem.mechanism, problem);
}

/** Visits the schedule of every batch entry and head. */
function forEachCall(problem: Problem, visit: (schedule: Schedule) => void): void {
  for (const pattern of bindHeadsOf(problem)) {
    const schedule = compileSchedule(pattern, TILE);
    for (let entry = 0; entry < problem.shape.batch; entry++) visit(schedule);
  }
}
