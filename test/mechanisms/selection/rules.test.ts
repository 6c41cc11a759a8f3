import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../../src/core/random.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import type { AttentionInputs } from "../../../src/core/tensors.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import type { Rule, Selection } from "../../../src/mechanisms/selection/declare.ts";
import { examples } from "../../examples.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";

/** One head of these keys; values are 1, 10, 100, …, so that an output says what was attended. */
function problemOf(
  rule: Rule,
  q: readonly (readonly number[])[],
  k: readonly (readonly number[])[],
  causal: boolean,
): JudgedProblem {
  const shape = shapeOf({ batch: 1, heads: 1, length: k.length, headDim: k[0].length, valueDim: 1 });
  const mechanism: Selection = { kind: "selection", rule };
  const inputs: AttentionInputs = {
    shape,
    q: Float32Array.from(q.flat()),
    k: Float32Array.from(k.flat()),
    v: Float32Array.from(k, (_, key) => 10 ** key),
  };
  return { ...builtInKinds.judged({ mechanism }), shape, causal, threads: 1, inputs };
}

/** What the js kernel chooses, row by row. */
function chosenBy(problem: JudgedProblem): number[][] {
  const runnable = js.prepare(problem, guardedOutput(problem.shape.length));
  runnable.run();
  const [array] = Object.values(runnable.choice?.() ?? {});
  const perRow = array.length / problem.shape.length;
  return Array.from({ length: problem.shape.length }, (_, row) => [
    ...array.subarray(row * perRow, (row + 1) * perRow),
  ]);
}

/** Which keys the reference attends in a row: of equal weights the output is their mean of 1, 10, 100, … */
function attended(problem: JudgedProblem, row: number): string {
  const [{ values }] = problem.kind.oracle(problem).rows([{ batch: 0, head: 0, row }], float64);
  return values[0].toFixed(3);
}

const zero = (count: number) => Array.from({ length: count }, () => [0]);

describe("of equal scores the first are chosen", () => {
  it("by top-k", () => {
    const problem = problemOf({ id: "top-k", keys: 2 }, zero(4), zero(4), false);
    expect(chosenBy(problem)).toEqual(Array(4).fill([0, 1]));
    expect(attended(problem, 3)).toBe("5.500");
  });

  it("by MoBA, beside the own block", () => {
    const problem = problemOf({ id: "moba", block: 1, chosen: 2 }, zero(4), zero(4), false);
    expect(chosenBy(problem)).toEqual([[1], [0], [0], [0]]);
    expect(attended(problem, 3)).toBe("500.500");
  });

  it("by Quest", () => {
    const problem = problemOf({ id: "quest", page: 1, pages: 2 }, zero(4), zero(4), true);
    expect(chosenBy(problem)).toEqual([
      [0, -1],
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    expect(attended(problem, 3)).toBe("5.500");
  });
});

describe("top-k", () => {
  it("chooses by hand what its products say", () => {
    const k = [[1], [-3], [2], [4]];
    const q = [[1], [-1], [1], [-1]];
    expect(chosenBy(problemOf({ id: "top-k", keys: 2 }, q, k, false))).toEqual([
      [2, 3],
      [0, 1],
      [2, 3],
      [0, 1],
    ]);
    expect(chosenBy(problemOf({ id: "top-k", keys: 2 }, q, k, true))).toEqual([
      [0, -1],
      [0, 1],
      [0, 2],
      [0, 1],
    ]);
  });
});

describe("MoBA", () => {
  it("compares means, of a short last block over its own length", () => {
    // Blocks of two: means 0, 2 and, of the single last key, 3.
    const k = [[-5], [5], [1], [3], [3]];
    const q = [[1], [1], [1], [-1], [1]];
    expect(chosenBy(problemOf({ id: "moba", block: 2, chosen: 2 }, q, k, false))).toEqual([
      [2],
      [2],
      [2],
      [0],
      [1],
    ]);
  });

  it("chooses of the blocks before its own if it is causal, and attends its own up to itself", () => {
    const k = [[-5], [5], [1], [3], [3]];
    const q = [[0], [0], [0], [0], [0]];
    const problem = problemOf({ id: "moba", block: 2, chosen: 2 }, q, k, true);
    expect(chosenBy(problem)).toEqual([[-1], [-1], [0], [0], [0]]);
    // Keys 0, 1 and 2.
    expect(attended(problem, 2)).toBe("37.000");
  });
});

describe("Quest", () => {
  it("bounds products by what is least and most in a page so far", () => {
    // Pages of two: the first could hold (1, 1), which none of its keys is.
    const k = [
      [1, 0],
      [0, 1],
      [0.8, 0.8],
      [0.8, 0.8],
      [9, 9],
    ];
    const q = Array.from({ length: 5 }, () => [1, 1]);
    const problem = problemOf({ id: "quest", page: 2, pages: 1 }, q, k, true);
    // Of the row at key 2 the second page holds one key yet.
    expect(chosenBy(problem)).toEqual([[0], [0], [0], [0], [2]]);
  });

  it("never takes a page for worse than one of its keys", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (length, page, seed) => {
          const random = randomStream(seed, length);
          const rows = () => Array.from({ length }, () => [random.gaussian(), random.gaussian()]);
          const [q, k] = [rows(), rows()];
          const problem = problemOf({ id: "quest", page, pages: 1 }, q, k, true);
          for (const [row, [chosen]] of chosenBy(problem).entries()) {
            const bound = (one: number): number =>
              [0, 1].reduce((sum, c) => {
                const some = k
                  .slice(one * page, Math.min((one + 1) * page, row + 1))
                  .map((key) => q[row][c] * key[c]);
                return sum + Math.max(...some);
              }, 0);
            const products = k.slice(0, row + 1).map((key) => q[row][0] * key[0] + q[row][1] * key[1]);
            expect(bound(chosen)).toBeGreaterThanOrEqual(Math.max(...products) - 1e-5);
          }
        },
      ),
      examples(50),
    );
  });
});

const rules: readonly Rule[] = [
  { id: "top-k", keys: 3 },
  { id: "moba", block: 4, chosen: 2 },
  { id: "quest", page: 4, pages: 2 },
];

describe.each(rules)("$id", (rule) => {
  const causals = rule.id === "quest" ? [true] : [false, true];
  const drawn = (length: number, causal: boolean): JudgedProblem => {
    const random = randomStream(length, 5);
    const rows = () =>
      Array.from({ length }, () => [random.gaussian(), random.gaussian(), random.gaussian()]);
    return problemOf(rule, rows(), rows(), causal);
  };

  it("is right of one token, of fewer than a block, and of lengths that no block divides", () => {
    for (const causal of causals) {
      for (const length of [1, 2, 3, 4, 5, 9, 13]) {
        const problem = drawn(length, causal);
        problem.inputs.v.fill(1);
        expect([length, causal, failureInAnyRow(problem, js)]).toEqual([length, causal, null]);
      }
    }
  });

  it("leaves rows before a token that holds NaN alone, and lets it be chosen or not after", () => {
    const problem = drawn(13, true);
    problem.inputs.v.fill(1);
    problem.inputs.k.fill(Number.NaN, 3 * 9, 3 * 10);
    const exact = problem.kind.oracle(problem);
    const rows = exact.rows(everyRow(problem.shape), float64);
    expect(rows.slice(0, 9).every(({ values }) => Number.isFinite(values[0]))).toBe(true);
    const runnable = js.prepare(problem, guardedOutput(13));
    runnable.run();
    expect([...runnable.output().subarray(0, 9)].every(Number.isFinite)).toBe(true);
    expect(exact.on?.(runnable.choice?.() ?? {}).whyNotChoice(everyRow(problem.shape))).toBeNull();
  });
});

it("a key of NaN is chosen last, and has no rank that a kernel could offend", () => {
  const k = [[1], [Number.NaN], [3], [2]];
  const problem = problemOf({ id: "top-k", keys: 2 }, [[1], [1], [1], [1]], k, false);
  expect(chosenBy(problem)).toEqual(Array(4).fill([2, 3]));
  const judged = (...choice: number[]) =>
    problem.kind
      .oracle(problem)
      .on?.({ keys: Int32Array.from([...choice, ...choice, ...choice, ...choice]) })
      .whyNotChoice([{ batch: 0, head: 0, row: 1 }]);
  expect(judged(2, 3)).toBeNull();
  expect(judged(1, 2)).toBeNull();
  expect(judged(0, 2)).toMatch(
    /^row 1 of batch 0, head 0: chose key 0, and key 3 was better by 1\.00; rounding/,
  );
});
