import { describe, expect, it } from "vitest";
import type { Problem } from "../../src/core/problem.ts";
import {
  ANY_SHAPE,
  countOf,
  kvHeadOf,
  layoutOf,
  offsetIn,
  type Shape,
  shapeOf,
  TENSORS,
} from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { patternIn } from "../mechanisms/judge.ts";

const shapes = {
  shared: shapeOf({ batch: 2, heads: 6, kvHeads: 2, length: 40, headDim: 8 }),
  few: shapeOf({ batch: 1, heads: 2, length: 40, queries: 13, headDim: 8 }),
  many: shapeOf({ batch: 1, heads: 2, length: 13, queries: 40, headDim: 8 }),
  narrow: shapeOf({ batch: 1, heads: 2, length: 40, headDim: 12, valueDim: 5 }),
  all: shapeOf({ batch: 2, heads: 4, kvHeads: 2, length: 40, queries: 7, headDim: 12, valueDim: 5 }),
};

/** What a kernel may get wrong, each as right unless given. */
interface Reading {
  /** The head of k and v that a head of q reads. */
  readonly kvHead?: (shape: Shape, head: number) => number;
  /** The key at which a query stands. */
  readonly place?: (shape: Shape, query: number) => number;
  readonly scale?: (shape: Shape) => number;
  /** Where values come from: the inputs, or what was kept of them. */
  readonly values?: (problem: Problem) => Float32Array;
}

/** Full or local attention by the definition. */
function reading({ kvHead = kvHeadOf, place, scale, values }: Reading): Kernel {
  return simpleKernel({
    id: "reading",
    freedoms: ANY_SHAPE,
    prepare(problem, output) {
      const { shape, inputs } = problem;
      const bound = bindHeads({ pattern: patternIn(problem.mechanism) }, problem);
      const v = values?.(problem) ?? inputs.v;
      const factor = scale?.(shape) ?? 1 / Math.sqrt(shape.headDim);
      const [atQ, atK, atV, atOut] = TENSORS.map((one) => layoutOf(shape, one));
      const attends = (head: number, query: number, key: number) =>
        place === undefined ? bound[head].attends(query, key) : key <= place(shape, query);
      return () => {
        output.fill(0);
        for (let slice = 0; slice < shape.batch * shape.heads; slice++) {
          const [entry, head] = [Math.floor(slice / shape.heads), slice % shape.heads];
          const shared = kvHead(shape, head);
          for (let query = 0; query < shape.queries; query++) {
            const q = offsetIn(atQ, entry, head, query);
            const out = offsetIn(atOut, entry, head, query);
            const logits = new Map<number, number>();
            for (let key = 0; key < shape.length; key++) {
              if (!attends(head, query, key)) continue;
              const k = offsetIn(atK, entry, shared, key);
              let dot = 0;
              for (let i = 0; i < shape.headDim; i++) dot += inputs.q[q + i] * inputs.k[k + i];
              logits.set(key, dot * factor);
            }
            const largest = Math.max(...logits.values());
            const row = new Float64Array(shape.valueDim);
            let total = 0;
            for (const [key, logit] of logits) {
              const weight = Math.exp(logit - largest);
              total += weight;
              const from = offsetIn(atV, entry, shared, key);
              for (let i = 0; i < shape.valueDim; i++) row[i] += weight * v[from + i];
            }
            output.set(total > 0 ? row.map((sum) => sum / total) : row, out);
          }
        }
      };
    },
  });
}

function problem(shape: Shape, causal: boolean, window: number | null = null) {
  const { mechanism } = window === null ? parameterize(full, {}) : parameterize(local, { window });
  return problemOf(mechanism, shape, causal);
}

/** What becomes of a kernel at the gate and in rounds of short slots: null where it stays green, or why not. */
async function fault(one: ReturnType<typeof problem>, kernel: Kernel): Promise<string | null> {
  expect(supportsPass(kernel, one)).toBe(true);
  const result = await prepareCase(one, kernel, {
    places: gateRows(one.shape, 1),
    fullRows: null,
    seed: 1,
    output: guardedOutput(countOf(layoutOf(one.shape, "output"))),
    second: null,
    now: () => 0,
  });
  if (result.outcome !== "green") return result.reason;
  for (let round = 0; round < 4; round++) {
    result.begin(3);
    for (let call = 0; call < 3; call++) result.call();
    const wrong = (await result.verify()) ?? (await result.recheck());
    if (wrong !== null) return wrong;
  }
  return null;
}

describe("where tensors differ in heads, tokens or width", () => {
  it.each(Object.entries(shapes))("a right kernel is green: %s", async (name, shape) => {
    for (const causal of [false, true]) {
      expect([name, causal, await fault(problem(shape, causal), reading({}))]).toEqual([name, causal, null]);
    }
    if (shape.queries <= shape.length) {
      expect(await fault(problem(shape, true, 3), reading({}))).toBeNull();
    }
  });

  it.each([
    ["the heads of k and v in turn", "shared", { kvHead: ({ kvHeads }, head) => head % kvHeads }],
    ["the first head of k and v alone", "all", { kvHead: () => 0 }],
    ["few queries aligned at the first key", "few", { place: (_, query) => query }],
    ["many queries aligned at the first key", "many", { place: (_, query) => query }],
    ["one query too late", "all", { place: ({ length, queries }, query) => query + length - queries + 1 }],
    ["the width of v in the scale", "narrow", { scale: ({ valueDim }) => 1 / Math.sqrt(valueDim) }],
    ["what was kept of v", "shared", { values: ({ inputs }) => inputs.v.slice() }],
  ] satisfies [string, keyof typeof shapes, Reading][])(
    "a kernel that reads %s is red",
    async (_, name, wrong) => {
      expect(await fault(problem(shapes[name], true), reading(wrong))).toMatch(/row \d+ of batch/);
    },
  );

  it.each(Object.entries(shapes))(
    "linear attention is green, rows before the first key as well: %s",
    async (_, shape) => {
      const { mechanism } = parameterize(linear, {});
      for (const causal of [false, true]) {
        expect(await fault(problemOf(mechanism, shape, causal), js)).toBeNull();
      }
    },
  );

  it("a kernel that declares no freedoms is not asked", () => {
    const usual = simpleKernel({ id: "usual", prepare: () => () => {} });
    const why = Object.values(shapes).map((shape) => supportsPass(usual, problem(shape, false)));
    expect(why).toEqual([
      "it takes as many heads of k and v as of q, got 2 for 6",
      "it takes as many queries as keys, got 13 for 40",
      "it takes as many queries as keys, got 40 for 13",
      "it takes values as wide as keys, got 5 for 12",
      "it takes as many heads of k and v as of q, got 2 for 4",
    ]);
  });
});
