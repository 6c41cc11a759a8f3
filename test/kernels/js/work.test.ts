import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { BoundPattern } from "../../../src/core/pattern.ts";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, kvHeadOf, QKV, shapeOf, type TensorName } from "../../../src/core/shape.ts";
import { namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { compileSchedule } from "../../../src/kernels/compile-schedule.ts";
import { js, jsRecurrent } from "../../../src/kernels/js/index.ts";
import { COSTS } from "../../../src/kernels/js/softmax-pattern.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../../src/kernels/kernel.ts";
import { OPENS_ROWS, type Schedule } from "../../../src/kernels/schedule.ts";
import { gathers } from "../../../src/kernels/whether-to-gather.ts";
import { isAft } from "../../../src/mechanisms/aft/declare.ts";
import { type FeatureMap, isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { isLayer } from "../../../src/mechanisms/layer/declare.ts";
import { isSelection } from "../../../src/mechanisms/selection/declare.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { isSummary } from "../../../src/mechanisms/summary/declare.ts";
import { isSynthesizer } from "../../../src/mechanisms/synthesizer/declare.ts";
import { bindHeads } from "../../../src/pattern/bind.ts";
import { workOf } from "../../mechanisms/judge.ts";
import { alsoUnlike, plainProblemsFor, problemsFor } from "../arbitrary-problems.ts";
import { gatesIn } from "../decode/decoded.ts";
import { tasksOf } from "../expanded-schedule.ts";

/** The tile sizes of the js family. */
const TILE = { queries: 32, keys: 64 };
/** Its chunks of linear attention. */
const CHUNK = 64;

/** Patterns that are computed in tiles. */
const ofPatterns = plainProblemsFor(js).filter((problem) => {
  const { mechanism } = problem;
  return isSoftmaxPattern(mechanism) && !gathers(bindHeads(mechanism, problem), COSTS);
});
const ofFeatures = featuresFor(js);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the js tile kernel", () => {
  it("counts a product with a key and one with a value for every pair that a tile holds, attended or not", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        let flops = 0;
        forEachCall(problem, (schedule) => {
          for (const { rows, keys } of tasksOf(schedule)) {
            const { headDim, valueDim } = problem.shape;
            for (const _row of rows) for (const _key of keys) flops += 2 * headDim + 2 * valueDim;
          }
        });
        expect(prepared(problem, js).executedFlops).toBe(flops);
      }),
      { numRuns: 100 },
    );
  });

  it("counts a query a visit, every output, and a key and a value a tile, once for heads that share them", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        const { batch, headDim, valueDim } = problem.shape;
        let floats = elementCount(problem.shape, "output");
        for (const { pattern, heads } of sharersOf(problem)) {
          for (const task of tasksOf(compileSchedule(pattern, TILE))) {
            if ((task.flags & OPENS_ROWS) !== 0) floats += batch * heads * task.rows.length * headDim;
            const visits = Math.ceil(task.rows.length / TILE.queries);
            floats += batch * visits * task.keys.length * (headDim + valueDim);
          }
        }
        expect(prepared(problem, js).bytes).toBe(4 * floats);
      }),
      { numRuns: 100 },
    );
  });

  it("counts all scratch that preparing allocates, and each different schedule once", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        const { runnable, scratchBytes } = watched(problem, js);
        const schedules = new Set(bindHeadsOf(problem));
        let scheduleBytes = 0;
        for (const pattern of schedules) {
          const { tasks, tokens, masks } = compileSchedule(pattern, TILE);
          scheduleBytes += tasks.byteLength + tokens.byteLength + masks.byteLength;
        }
        expect(runnable.workspaceBytes).toBe(scratchBytes + scheduleBytes);
      }),
      { numRuns: 100 },
    );
  });

  it("holds scratch in proportion to N·d, and none for it where one pass is enough", () => {
    const [headDim, valueDim] = [8, 5];
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        const narrow = { ...problem.shape, batch: 1, headDim, valueDim };
        const zeros = (name: TensorName) => new Float32Array(elementCount(narrow, name));
        const inputs = { shape: narrow, q: zeros("q"), k: zeros("k"), v: zeros("v") };
        const { scratchBytes } = watched({ ...problem, shape: narrow, inputs }, js);
        const passes = bindHeadsOf(problem).map((pattern) => compileSchedule(pattern, TILE).passes);
        const kept = Math.max(...passes) > 1 ? narrow.queries : 0;
        const sharers = Math.max(...sharersOf(problem).map(({ heads }) => heads));
        const ofHead = 32 * headDim + (32 + kept) * (valueDim + 2);
        expect(scratchBytes).toBe(8 * (64 * (headDim + valueDim) + 32 * 64 + sharers * ofHead));
      }),
      { numRuns: 20 },
    );
  });
});

describe("the js feature-map kernel", () => {
  it("counts a write of the state a token, a read a query, and the triangles of causal chunks", () => {
    fc.assert(
      fc.property(ofFeatures, (problem) => {
        const { batch, heads, kvHeads, length, queries, valueDim } = problem.shape;
        const { width, making } = featuresOf(problem);
        const access = making + 2 * width * (valueDim + 1);
        let flops = kvHeads * length * access; // written
        for (let query = 0; query < queries; query++) {
          const token = query + length - queries;
          if (problem.causal && token < 0) continue;
          flops += heads * access; // read
          // FAVOR+ goes token by token.
          if (!problem.causal || problem.mechanism.feature.kind === "favor") continue;
          const seenInChunk = (token % CHUNK) + 1;
          flops += heads * seenInChunk * (2 * width + 2 * (valueDim + 1));
        }
        expect(prepared(problem, js).executedFlops).toBe(batch * flops);
      }),
    );
  });
});

describe("the js recurrent kernel", () => {
  it("does no more than the mathematics asks for: a write of the state a token, and a read a query", () => {
    fc.assert(
      fc.property(featuresFor(jsRecurrent), (problem) => {
        const { batch, heads, kvHeads, length, queries, valueDim } = problem.shape;
        const { width, making } = featuresOf(problem);
        const reads = heads * Math.min(queries, length);
        const flops = batch * (kvHeads * length + reads) * (making + 2 * width * (valueDim + 1));
        expect(prepared(problem, jsRecurrent).executedFlops).toBe(flops);
        const useful = workOf(problem).usefulFlops;
        if (problem.mechanism.feature.kind === "taylor") expect(useful).toBeGreaterThanOrEqual(flops);
        else expect(useful).toBe(flops);
      }),
    );
  });
});

describe.each([js, jsRecurrent])("kernel $id on feature maps", (kernel) => {
  const problems = featuresFor(kernel);

  it("counts q, k, v and out once each as its bytes, but for queries before the first key of a causal call", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { q, k, v } = problem.inputs;
        const { length, queries } = problem.shape;
        const read = problem.causal && queries > length ? length / queries : 1;
        const out = 4 * elementCount(problem.shape, "output");
        expect(prepared(problem, kernel).bytes).toBe(read * q.byteLength + k.byteLength + v.byteLength + out);
      }),
      { numRuns: 100 },
    );
  });

  it("counts all scratch that preparing allocates, which does not grow with N", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { runnable, scratchBytes } = watched(problem, kernel);
        expect(runnable.workspaceBytes).toBe(scratchBytes);
        const { headDim, valueDim } = problem.shape;
        const { width, learned } = featuresOf(problem);
        const ofChunk = 3 * width + headDim + learned + 2 * (valueDim + 1) + CHUNK;
        const ofState = width * (valueDim + 3) + valueDim;
        expect(scratchBytes).toBeLessThanOrEqual(
          8 * (CHUNK * ofChunk + ofState + learned * headDim + 2 * headDim),
        );
      }),
      { numRuns: 100 },
    );
  });
});

/** Kinds of which large weights are read as often as keys: they count as q, k and v do. */
function countsWeights({ mechanism }: Problem): boolean {
  return isSummary(mechanism) || isAft(mechanism) || isSynthesizer(mechanism);
}

it("the js kernel reads as many bytes as it counts: heads that share k and v read a tile of them once", () => {
  const small = fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 140 }),
      headDim: fc.integer({ min: 1, max: 4 }),
    })
    .map(shapeOf);
  fc.assert(
    fc.property(problemsFor(js, alsoUnlike(small)), (problem) => {
      let reads = 0;
      const counted = (numbers: Float32Array): Float32Array =>
        new Proxy(numbers, {
          get(target, name) {
            if (/^\d+$/.test(String(name))) reads++;
            if (name === "subarray")
              return (from?: number, to?: number) => counted(target.subarray(from, to));
            return Reflect.get(target, name, target);
          },
        });
      const { shape } = problem;
      const gates = gatesIn(problem.inputs).map(({ name }) => name);
      const names = countsWeights(problem) ? namesIn(problem.inputs) : [...QKV, ...gates];
      const tensors = names.map((name) => [name, counted(tensorNamed(problem.inputs, name))]);
      const inputs = { ...problem.inputs, ...Object.fromEntries(tensors) };
      const runnable = prepared({ ...problem, inputs }, js);
      runnable.run();
      const touched = 4 * (reads + elementCount(shape, "output"));
      // What the heads of a layer read and write is counted too.
      if (isLayer(problem.mechanism)) expect(runnable.bytes).toBeGreaterThan(touched);
      // Where a short block may be chosen or not, it counts as if it were a whole one.
      else if (mayChooseShort(problem)) expect(runnable.bytes).toBeGreaterThanOrEqual(touched);
      else expect(runnable.bytes).toBe(touched);
    }),
    { numRuns: 100 },
  );
});

/** Whether which keys are read depends on which blocks are chosen, a short one or a whole one. */
function mayChooseShort({ mechanism, causal, shape }: Problem): boolean {
  if (!isSelection(mechanism)) return false;
  const { rule } = mechanism;
  // The page of the query itself has not ended, and is one of those that are chosen among.
  if (rule.id === "quest") return rule.page > 1 && shape.length > rule.page * rule.pages;
  return rule.id === "moba" && !causal && shape.length % rule.block > 0;
}

/** Problems of feature maps that a kernel takes. */
function featuresFor(kernel: ReadyKernel): fc.Arbitrary<Problem<FeatureMap>> {
  return problemsFor(kernel)
    .filter(({ mechanism }) => isFeatureMap(mechanism))
    .map((problem) => {
      const { mechanism } = problem;
      if (!isFeatureMap(mechanism)) throw new TypeError(mechanism.kind);
      return { ...problem, mechanism };
    });
}

/** Features that this family has of a row, operations that make them, and rows of what is learned for them. */
function featuresOf({ mechanism: { feature }, shape: { headDim: d } }: Problem<FeatureMap>): {
  readonly width: number;
  readonly making: number;
  readonly learned: number;
} {
  switch (feature.kind) {
    case undefined:
      return { width: d, making: 0, learned: 0 };
    case "favor":
      return { width: feature.features, making: 2 * feature.features * d, learned: feature.features };
    case "trigonometric":
      return { width: 2 * feature.features, making: 2 * feature.features * d, learned: feature.features };
    case "reweighted":
      return { width: 2 * d, making: 2 * d, learned: 0 };
    case "taylor": {
      // x_a x_b and x_b x_a are one.
      const channels = feature.project || d;
      const width = 1 + channels + (channels * (channels + 1)) / 2;
      const making = 2 * feature.project * d + channels * (channels + 1);
      return { width, making, learned: feature.project };
    }
    case "channel-softmax":
      return { width: 2 * d, making: 0, learned: 0 };
    case "rolled":
      return { width: 2 * d * feature.rolls, making: 0, learned: 0 };
    default:
      return feature satisfies never;
  }
}

function prepared(problem: Problem, kernel: ReadyKernel): Runnable {
  return kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
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

/** How many heads of q read the same head of k and v by the same pattern. */
function sharersOf(problem: Problem): Array<{ readonly pattern: BoundPattern; readonly heads: number }> {
  const patterns = bindHeadsOf(problem);
  return Array.from({ length: problem.shape.kvHeads }, (_, kvHead) => {
    const own = patterns.filter((_, head) => kvHeadOf(problem.shape, head) === kvHead);
    return [...new Set(own)].map((pattern) => ({
      pattern,
      heads: own.filter((one) => one === pattern).length,
    }));
  }).flat();
}

/** Visits the schedule of every batch entry and head. */
function forEachCall(problem: Problem, visit: (schedule: Schedule) => void): void {
  for (const pattern of bindHeadsOf(problem)) {
    const schedule = compileSchedule(pattern, TILE);
    for (let entry = 0; entry < problem.shape.batch; entry++) visit(schedule);
  }
}
