import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementCount, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import { guardedOutput, type Runnable } from "../../../src/kernels/kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import type { Rule, Selection } from "../../../src/mechanisms/selection/declare.ts";
import { examples } from "../../examples.ts";

const wasm = createWasm("auto");

const RULES: readonly Rule[] = [
  { id: "top-k", keys: 40 },
  { id: "moba", block: 48, chosen: 4 },
  { id: "nsa", block: 16, chosen: 7, window: 50, seed: 0 },
  { id: "quest", page: 8, pages: 6 },
];

function problemOf(rule: Rule, shape: Shape, threads = 1): JudgedProblem {
  const mechanism: Selection = { kind: "selection", rule };
  const judged = builtInKinds.judged({ mechanism });
  const inputs = withNamed(judged, syntheticSource("gaussian", 5).inputs(shape), 5);
  return { ...judged, shape, causal: true, threads, inputs };
}

function called(problem: JudgedProblem, calls = 1): Runnable {
  const runnable = wasm.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  for (let call = 0; call < calls; call++) runnable.run();
  return runnable;
}

/** The only array of a choice, row by row. */
function rowsOf(runnable: Runnable, rows: number): number[][] {
  const [array] = Object.values(runnable.choice?.() ?? {});
  const perRow = array.length / rows;
  return Array.from({ length: rows }, (_, row) => [...array.subarray(row * perRow, (row + 1) * perRow)]);
}

/** Scores with some or many that are equal, and some that are not finite. */
const scores = fc
  .constantFrom(1, 4, 100)
  .chain((range) =>
    fc.array(
      fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: -range, max: range }).map((x) => x / 8) },
        { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity, 1e30, -1e30, 1e-30, -1e-30) },
      ),
      { minLength: 1, maxLength: 700 },
    ),
  );

describe("the best of a row", () => {
  it("are those with the largest scores, of equal ones the first, in rising order, however many", () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 300 }), (all, most) => {
        const shape = shapeOf({ batch: 1, heads: 1, length: all.length, headDim: 1 });
        const problem = problemOf({ id: "top-k", keys: most }, shape);
        const inputs = {
          ...problem.inputs,
          q: new Float32Array(all.length).fill(1),
          k: Float32Array.from(all),
        };
        const runnable = called({ ...problem, inputs, causal: false });
        const best = [...all.keys()]
          .sort((a, b) => (all[a] === all[b] ? a - b : all[b] - all[a]))
          .slice(0, most)
          .sort((a, b) => a - b);
        expect(rowsOf(runnable, all.length)[0]).toEqual(best);
        runnable.dispose();
      }),
      examples(300),
    );
  });

  it.each(RULES)("are the first of equal tokens by $id", (rule) => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 500, headDim: 8 });
    const problem = problemOf(rule, shape);
    const inputs = { ...problem.inputs, q: problem.inputs.q.fill(0.5), k: problem.inputs.k.fill(0.25) };
    const runnable = called({ ...problem, inputs });
    const [last] = rowsOf(runnable, shape.length).slice(-1);
    const first = rule.id === "nsa" ? 1 : 0;
    expect(last).toEqual(last.map((_, at) => first + at));
    runnable.dispose();
  });
});

describe("threads", () => {
  it.each(RULES)("choose the same and give the same bits by $id", (rule) => {
    const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 1500, headDim: 24, valueDim: 20 });
    const [one, several] = [called(problemOf(rule, shape)), called(problemOf(rule, shape, 3), 2)];
    expect(several.choice?.()).toEqual(one.choice?.());
    expect(several.output()).toEqual(one.output());
    one.dispose();
    several.dispose();
  });
});

describe("what is counted", () => {
  it.each(RULES)(
    "is what one call does by $id: no less than the mathematics, and not twice as much",
    (rule) => {
      const shape = shapeOf({ batch: 1, heads: 1, length: 2048, headDim: 64 });
      const problem = problemOf(rule, shape);
      const runnable = called(problem, 2);
      const { usefulFlops } = problem.kind.work(problem);
      expect(runnable.executedFlops).toBeGreaterThanOrEqual(usefulFlops);
      expect(runnable.executedFlops).toBeLessThan(2 * usefulFlops);
      expect(runnable.bytes).toBeGreaterThanOrEqual(problem.kind.leastWork(problem).bytes);
      expect(runnable.selectSeconds?.()).toBeGreaterThan(0);
      runnable.dispose();
    },
  );

  it.each(RULES)("before a call is at least what the judge takes for the least by $id", (rule) => {
    const shape = shapeOf({ batch: 2, heads: 2, length: 300, headDim: 16, valueDim: 8 });
    const problem = problemOf(rule, shape);
    const runnable = called(problem, 0);
    const least = problem.kind.leastWork(problem);
    expect(runnable.executedFlops).toBeGreaterThanOrEqual(least.flops);
    expect(runnable.bytes).toBeGreaterThanOrEqual(least.bytes);
    runnable.dispose();
  });
});
