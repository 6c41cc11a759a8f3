import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, type Shape, shapeOf } from "../../../src/core/shape.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { compileSchedule } from "../../../src/kernels/compile-schedule.ts";
import { guardedOutput, type ReadyKernel } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { PANEL_QUERIES, panelRows, TILE_SIZES } from "../../../src/kernels/wasm/layout.ts";
import { COSTS } from "../../../src/kernels/wasm/softmax-pattern.ts";
import { gathers } from "../../../src/kernels/whether-to-gather.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../../src/pattern/bind.ts";
import { full } from "../../../variants/dense/full.ts";
import { dpfp } from "../../../variants/feature-map/dpfp.ts";
import { hedgehog } from "../../../variants/feature-map/hedgehog.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { reluLinear } from "../../../variants/feature-map/relu-linear.ts";
import { local } from "../../../variants/sparse/local.ts";
import { stride } from "../../../variants/sparse/stride.ts";
import { leastWorkOf, workOf } from "../../mechanisms/judge.ts";
import { problemOf, problemsFor } from "../arbitrary-problems.ts";
import { computes, type Task, tasksOf } from "../expanded-schedule.ts";

/** The kernel by the columns of its micro-kernel. */
const kernels = [
  [16, createWasm("wide")],
  [8, createWasm("relaxed")],
] as const;
const [[, wide]] = kernels;
/** Patterns that are computed in tiles. */
const ofPatterns = problemsFor(wide).filter((problem) => {
  const { mechanism } = problem;
  if (!isSoftmaxPattern(mechanism) || mechanism.turn !== undefined) return false;
  if (mechanism.score?.kind === "split") return false;
  return !gathers(bindHeads(mechanism, problem), COSTS);
});
const ofFeatures = problemsFor(wide).filter(({ mechanism }) => isFeatureMap(mechanism));

describe.each(kernels)("work of a micro-kernel of %i columns", (columns, kernel) => {
  it("is the panels of queries and keys that hold an attended pair, values by the key, and biases by eight", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        let flops = 0;
        for (const pattern of bindHeads(mechanismOf(problem), problem)) {
          for (const task of tasksOf(compileSchedule(pattern, TILE_SIZES))) {
            for (let tile = 0; tile < task.rows.length; tile += TILE_SIZES.queries) {
              const rows = Math.min(TILE_SIZES.queries, task.rows.length - tile);
              for (let panel = 0; panel < rows; panel += PANEL_QUERIES) {
                flops += panelFlops(
                  task,
                  tile + panel,
                  Math.min(PANEL_QUERIES, rows - panel),
                  columns,
                  problem.shape,
                  mechanismOf(problem),
                );
              }
            }
          }
        }
        expect(prepared(problem, kernel).executedFlops).toBe(problem.shape.batch * flops);
      }),
    );
  });

  it("reads q and k by the width of k, reads v and writes the output by that of v, whatever heads share", () => {
    const { mechanism } = parameterize(full, {});
    const shape = shapeOf({
      batch: 2,
      heads: 4,
      kvHeads: 2,
      length: 40,
      queries: 5,
      headDim: 3,
      valueDim: 17,
    });
    const { bytes, executedFlops } = prepared(problemOf(mechanism, shape, false), kernel);
    expect(bytes).toBe(8 * 4 * (3 * (5 + 40) + 17 * (40 + 5)));
    const panels = Math.ceil(40 / columns) * columns;
    expect(executedFlops).toBe(8 * 2 * 6 * (3 * panels + Math.ceil(17 / columns) * columns * 40));
  });

  it("makes a number of each query once, and one of each key for every head, where a score is split", () => {
    const score = { kind: "split", seed: 0, slope: 0.2 } as const;
    const shape = shapeOf({ batch: 2, heads: 4, kvHeads: 2, length: 64, headDim: 6, valueDim: 16 });
    const mechanism = { ...mechanismOf(problemOf(parameterize(full, {}).mechanism, shape, false)), score };
    const perPair = 4 + 2 * 16;
    expect(prepared(problemOf(mechanism, shape, false), kernel).executedFlops).toBe(
      2 * 4 * (64 * 64 * perPair + 2 * 6 * (64 + 64)),
    );
  });

  it("turns each query once, and each key once for all heads that share it, in whole rows and by residue classes", () => {
    const turn = { layout: "half", base: 100 } as const;
    const shape = { batch: 2, heads: 4, kvHeads: 2, length: 40, headDim: 6 };
    const turned = (variant: Variant, params: Record<string, number>, rest: Partial<Shape>): number => {
      const { mechanism } = parameterize(variant, params);
      const [plain, own] = [mechanism, { ...mechanism, turn }].map((one) => {
        return prepared(problemOf(one, shapeOf({ ...shape, ...rest }), false), kernel).executedFlops ?? 0;
      });
      return own - plain;
    };
    expect(turned(full, {}, { queries: 5 })).toBe(2 * 3 * 6 * (4 * 5 + 2 * 40));
    expect(turned(local, { window: 3 }, {})).toBe(2 * 3 * 6 * (4 * 40 + 2 * 40));
    // Classes are packed by each head for itself.
    expect(turned(stride, { stride: 7 }, {})).toBe(2 * 3 * 6 * (4 * 40 + 4 * 40));
  });

  it("of linear attention is no less than what is useful, and little more where all panels are whole", () => {
    fc.assert(
      fc.property(ofFeatures, (problem) => {
        // Less than is useful where features of which two are the same are made once.
        const { flops } = leastWorkOf(problem);
        expect(prepared(problem, kernel).executedFlops).toBeGreaterThanOrEqual(flops);
      }),
    );
    const shape = shapeOf({ batch: 1, heads: 1, length: 4800, headDim: 48 });
    const large = (variant: Variant): Problem => problemOf(parameterize(variant, {}).mechanism, shape, false);
    for (const variant of [linear, reluLinear, hedgehog, dpfp]) {
      const problem = large(variant);
      expect(prepared(problem, kernel).executedFlops).toBe(workOf(problem).usefulFlops);
    }
  });

  it("of a causal linear call is more on several threads, which sum up the states before they walk them", () => {
    fc.assert(
      fc.property(
        ofFeatures.filter(({ causal }) => causal),
        (problem) => {
          const alone = prepared(problem, kernel).executedFlops ?? 0;
          const together = prepared({ ...problem, threads: 2 }, kernel).executedFlops ?? 0;
          expect(together).toBeGreaterThan(alone);
          expect(together).toBeLessThan(2 * alone);
        },
      ),
      { numRuns: 20 },
    );
  });
});

/** Operations of one panel of `count` rows of a task, from its row `first` on. */
function panelFlops(
  task: Task,
  first: number,
  count: number,
  columns: number,
  { headDim, valueDim }: Shape,
  { score, bias }: SoftmaxPattern,
): number {
  const rows = panelRows(count);
  const width = Math.ceil(valueDim / columns) * columns;
  const attended = task.keys.flatMap((_, key) => {
    return Array.from({ length: count }, (_, row) => row).some((row) => computes(task, first + row, key))
      ? [key]
      : [];
  });
  if (attended.length === 0) return 0;
  const [from, to] = [attended[0], attended[attended.length - 1] + 1];
  const places = Array.from({ length: to - from }, (_, key) => task.firstKey + from + key);
  const panels = new Set(places.map((place) => Math.floor(place / columns)));
  const eights = new Set(places.map((place) => Math.floor(place / 8)));
  const biases = bias !== undefined ? count * eights.size * 8 : 0;
  const perChannel = score === undefined ? 2 : score.kind === "tanh" ? 5 : 4;
  return rows * (panels.size * columns * perChannel * headDim + 2 * (to - from) * width) + biases;
}

function prepared(problem: Problem, kernel: ReadyKernel) {
  return kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
}

function mechanismOf({ mechanism }: Problem) {
  if (!isSoftmaxPattern(mechanism)) throw new TypeError(`must be a pattern, got ${mechanism.kind}`);
  return mechanism;
}
