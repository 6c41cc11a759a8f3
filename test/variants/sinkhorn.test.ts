import { describe, expect, it } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { shapeOf, type UsualShape } from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { fullOracle } from "../../src/mechanisms/full-oracle.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { float64, type Oracle } from "../../src/mechanisms/oracle.ts";
import { Chain } from "../../src/mechanisms/summary/oracle-chain.ts";
import { variants } from "../../variants/index.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";

const WIDTH = 6;

function problemOf(
  params: Record<string, unknown>,
  shape: Partial<UsualShape>,
  change: (inputs: AttentionInputs) => void = () => {},
): JudgedProblem {
  const judged = builtInKinds.judged(parameterize(findVariant(variants, "sinkhorn"), params));
  const whole = shapeOf({ batch: 1, heads: 1, length: 24, headDim: WIDTH, ...shape });
  const inputs = syntheticSource("gaussian", 3).inputs(whole);
  change(inputs);
  return { ...judged, shape: whole, causal: false, threads: 1, inputs };
}

const rowsIn = (oracle: Oracle, { shape }: JudgedProblem) =>
  oracle.rows(everyRow(shape), float64).map(({ values }) => [...values]);
const outputOf = (problem: JudgedProblem) => rowsIn(problem.kind.oracle(problem), problem);

function expectClose(got: number[][], expected: number[][], within = 1e-12): void {
  expect(got.length).toBe(expected.length);
  const apart = got.flatMap((row, at) => row.map((x, i) => Math.abs(x - expected[at][i])));
  expect(Math.max(...apart)).toBeLessThan(within);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);

/** Softmax attention of one query to these keys. */
function attended(query: ArrayLike<number>, keys: ArrayLike<number>[], values: ArrayLike<number>[]) {
  const weights = keys.map((key) => Math.exp(dot(query, key) / Math.sqrt(WIDTH)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: values[0].length }, (_, i) =>
    values.reduce((sum, value, at) => sum + (weights[at] / total) * value[i], 0),
  );
}

/** The rows of a tensor of one head, in blocks. */
function blocksOf(values: Float32Array, size: number, width = WIDTH): Float32Array[][] {
  const rows = Array.from({ length: values.length / width }, (_, at) =>
    values.subarray(at * width, (at + 1) * width),
  );
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, block) =>
    rows.slice(block * size, (block + 1) * size),
  );
}

/** The weighted mean of rows. */
function mean(rows: ArrayLike<number>[], weights: number[] = rows.map(() => 1)): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: rows[0].length }, (_, i) =>
    rows.reduce((sum, row, at) => sum + (weights[at] * row[i]) / total, 0),
  );
}

/** The balanced matrix that mixes a problem's blocks. */
function sharesOf(problem: JudgedProblem, iterations: number): number[][] {
  const { inputs, shape } = problem;
  const blocks = Math.ceil(shape.length / 4);
  const input = (name: string) => ({
    rows: shape.length,
    width: WIDTH,
    data: name === "q" ? inputs.q : inputs.k,
  });
  const steps = [
    { step: "means", to: "a", of: "q", segments: { size: 4 } },
    { step: "means", to: "b", of: "k", segments: { size: 4 } },
    { step: "balance", to: "out", queries: "a", keys: "b", scale: 2, iterations },
  ] as const;
  const chain = new Chain({ steps, input }, { round: float64, wantsMoved: false });
  const { data } = chain.output(Array.from({ length: blocks }, (_, at) => at));
  return Array.from({ length: blocks }, (_, row) =>
    [...data.subarray(row * blocks, (row + 1) * blocks)].map(Math.exp),
  );
}

const kernels = builtInKernels();

describe("sinkhorn", () => {
  it.each([24, 25, 1000])("is full attention with one block, of up to %i tokens", (block) => {
    const problem = problemOf({ block }, {});
    expectClose(outputOf(problem), rowsIn(fullOracle(problem), problem));
  });

  it("is its definition in every row where the last block is shorter", () => {
    const [size, length, tau, iterations] = [5, 22, 0.4, 3];
    const problem = problemOf({ block: size, tau, iterations }, { length });
    const [q, k, v] = (["q", "k", "v"] as const).map((name) => blocksOf(problem.inputs[name], size));
    let shares = q.map((own) =>
      k.map((other) => Math.exp(dot(mean(own), mean(other)) / Math.sqrt(WIDTH) / tau)),
    );
    for (let iteration = 0; iteration < iterations; iteration++) {
      const columns = shares[0].map((_, column) => shares.reduce((sum, row) => sum + row[column], 0));
      shares = shares.map((row) => row.map((share, column) => share / columns[column]));
      shares = shares.map((row) => row.map((share) => share / row.reduce((sum, one) => sum + one, 0)));
    }
    const mixed = (of: Float32Array[][], block: number) =>
      Array.from({ length: size }, (_, at) => {
        const having = of.flatMap((rows, other) => (at < rows.length ? [other] : []));
        return mean(
          having.map((other) => of[other][at]),
          having.map((other) => shares[block][other]),
        );
      });
    const expected = q.flatMap((own, block) =>
      own.map((query) =>
        attended(query, [...mixed(k, block), ...k[block]], [...mixed(v, block), ...v[block]]),
      ),
    );
    expectClose(outputOf(problem), expected);
    for (const kernel of kernels.filter((one) => supportsPass(one, problem) === true)) {
      expect([kernel.id, failureInAnyRow(problem, kernel)]).toEqual([kernel.id, null]);
    }
  });

  it("mixes by shares that sum to 1 in every row exactly, and in every column in the end", () => {
    const problem = problemOf({}, { length: 24 });
    for (const [iterations, within] of [
      [1, 1],
      [400, 1e-9],
    ]) {
      const shares = sharesOf(problem, iterations);
      expect(shares.length).toBe(6);
      for (const [at, row] of shares.entries()) {
        expect(row.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
        const column = shares.reduce((sum, one) => sum + one[at], 0);
        expect(Math.abs(column - 1)).toBeLessThan(within);
      }
    }
  });

  it("begins with columns: after one iteration they do not sum to 1", () => {
    const shares = sharesOf(problemOf({}, { length: 24 }), 1);
    const columns = shares.map((_, at) => shares.reduce((sum, row) => sum + row[at], 0));
    expect(Math.max(...columns.map((sum) => Math.abs(sum - 1)))).toBeGreaterThan(0.01);
  });

  it.each([24, 22])("attends its own block and the one that a permutation names, of %i tokens", (length) => {
    const size = 4;
    const named = [3, 0, 4, 5, 1, 2];
    // Means that point where their partners' do; the temperature makes the most of it.
    const problem = problemOf({ block: size, tau: 1e-3 }, { length }, ({ q, k }) => {
      for (let row = 0; row < length; row++) {
        const block = Math.floor(row / size);
        q[row * WIDTH + named[block]] += 4;
        k[row * WIDTH + block] += 4;
      }
    });
    const [q, k, v] = (["q", "k", "v"] as const).map((name) => blocksOf(problem.inputs[name], size));
    const output = outputOf(problem);
    for (const [block, own] of q.entries()) {
      // Where the last block lacks rows, the next best block stands in for them.
      if (k[named[block]].length < size) continue;
      const other = named[block];
      for (const [at, query] of own.entries()) {
        expectClose(
          [output[block * size + at]],
          [attended(query, [...k[other], ...k[block]], [...v[other], ...v[block]])],
          1e-9,
        );
      }
    }
    for (const kernel of kernels.filter((one) => supportsPass(one, problem) === true)) {
      expect([kernel.id, failureInAnyRow(problem, kernel)]).toEqual([kernel.id, null]);
    }
  });

  it("gives 0 for values of 0: mixed values are not mixed keys", () => {
    const problem = problemOf({ block: 5 }, {}, ({ v }) => v.fill(0));
    expect(
      outputOf(problem)
        .flat()
        .every((x) => x === 0),
    ).toBe(true);
  });

  it.each([1, 2, 3, 65])("is finite and within the gate's budget for %i tokens, in any blocks", (length) => {
    for (const block of [1, 2, 64]) {
      const problem = problemOf({ block }, { length, heads: 2, kvHeads: 1, valueDim: 3 });
      expect(outputOf(problem).flat().every(Number.isFinite)).toBe(true);
      for (const kernel of kernels.filter((one) => supportsPass(one, problem) === true)) {
        expect([kernel.id, length, block, failureInAnyRow(problem, kernel)]).toEqual([
          kernel.id,
          length,
          block,
          null,
        ]);
      }
    }
  });

  it("takes 2Nd + 4N²d/b + 8Nbd operations", () => {
    const [length, block] = [96, 8];
    const problem = problemOf({ block }, { length });
    const expected = 2 * length * WIDTH + (4 * length ** 2 * WIDTH) / block + 8 * length * block * WIDTH;
    expect(problem.kind.work(problem).usefulFlops).toBe(expected);
  });

  it("says that it takes as many queries as keys, and is not causal", () => {
    const { kind, mechanism } = problemOf({}, {});
    const shape = shapeOf({ batch: 1, heads: 1, length: 24, queries: 7, headDim: WIDTH });
    expect(kind.whyNotShape?.(mechanism, shape)).toBe(
      "blocks of queries are those of keys, so queries must be as many as keys, got 7 for 24",
    );
    expect(kind.pattern?.(mechanism, true)).toMatchObject({ neverCausal: true, neverDecoded: true });
  });
});
