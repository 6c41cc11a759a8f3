import { describe, expect, it } from "vitest";
import { hashText, randomStream } from "../../src/core/random.ts";
import { everyRow } from "../../src/core/rows.ts";
import { type Shape, shapeOf } from "../../src/core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { float32, float64 } from "../../src/mechanisms/oracle.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { elman } from "../../variants/baseline/elman.ts";
import { lstm } from "../../variants/baseline/lstm.ts";
import { minGru } from "../../variants/baseline/min-gru.ts";
import { minLstm } from "../../variants/baseline/min-lstm.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { throughGate } from "../verify/whole-gate.ts";

const SHAPE = shapeOf({ batch: 1, heads: 1, length: 3, headDim: 1 });

function problem(variant: Variant, shape: Shape, inputs: Partial<Record<string, readonly number[]>> = {}) {
  const one = problemOf(parameterize(variant, {}).mechanism, shape, true);
  const given = Object.entries(inputs).map(([name, numbers = []]) => [name, Float32Array.from(numbers)]);
  return { ...one, inputs: { ...one.inputs, ...Object.fromEntries(given) } };
}

function rowsOf(one: JudgedProblem, inputs: AttentionInputs = one.inputs): Float64Array[] {
  const other = { ...one, inputs };
  return one.kind
    .oracle(other)
    .rows(everyRow(one.shape), float64)
    .map(({ values }) => values);
}

function numbersOf(one: JudgedProblem): number[] {
  return rowsOf(one).flatMap((row) => [...row]);
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

describe("the reference of recurrent cells", () => {
  it("is minGRU by hand: gates of ln 3 and -ln 3 write three quarters and one", () => {
    const gates = [Math.log(3), -Math.log(3), Math.log(3)];
    const got = numbersOf(problem(minGru, SHAPE, { k: gates, v: [4, 8, -4] }));
    for (const [at, value] of [3, 4.25, -1.9375].entries()) expect(got[at]).toBeCloseTo(value, 6);
  });

  it("is minLSTM by hand: gates share 1", () => {
    const third = Math.log(1 / 3);
    const got = numbersOf(problem(minLstm, SHAPE, { q: [0, third, 0], k: [0, 0, third], v: [2, 3, 6] }));
    // σ(ln 1/3) is a quarter: shares of a half, a third and two thirds are kept.
    for (const [at, value] of [1, 7 / 3, 32 / 9].entries()) expect(got[at]).toBeCloseTo(value, 6);
  });

  it("is an Elman network by hand", () => {
    const got = numbersOf(problem(elman, SHAPE, { v: [1, -1, 2], w: [0.5], u: [-2] }));
    const first = Math.tanh(0.5);
    const second = Math.tanh(-0.5 - 2 * first);
    expect(got).toEqual([first, second, Math.tanh(1 - 2 * second)]);
  });

  it("is an LSTM by hand, whose gates are i, f, g, o", () => {
    const [w, u] = [
      [1, 2, 3, 4],
      [-1, 0.5, 2, 0.25],
    ];
    const v = [0.5, -0.25, 1];
    const got = numbersOf(problem(lstm, SHAPE, { v, w, u }));
    let [h, c] = [0, 0];
    for (const [token, x] of v.entries()) {
      const [i, f, g, o] = w.map((weight, gate) => weight * x + u[gate] * h);
      c = logistic(f) * c + logistic(i) * Math.tanh(g);
      h = logistic(o) * Math.tanh(c);
      expect(got[token]).toBeCloseTo(h, 14);
    }
  });

  it("is a sum over tokens where gates are given: each written with its gate, and kept by all that follow", () => {
    const shape = shapeOf({ batch: 1, heads: 2, length: 20, headDim: 3 });
    for (const variant of [minGru, minLstm]) {
      const one = problem(variant, shape);
      const { q, k, v } = one.inputs;
      const keeps = (at: number) =>
        variant === minGru ? logistic(-k[at]) : logistic(q[at]) / (logistic(q[at]) + logistic(k[at]));
      for (const [index, row] of rowsOf(one).entries()) {
        const [head, token] = [Math.floor(index / 20), index % 20];
        for (let i = 0; i < 3; i++) {
          let sum = 0;
          for (let from = 0; from <= token; from++) {
            let product = 1;
            for (let later = from + 1; later <= token; later++) product *= keeps((head * 20 + later) * 3 + i);
            const at = (head * 20 + from) * 3 + i;
            sum += (1 - keeps(at)) * product * v[at];
          }
          expect(row[i]).toBeCloseTo(sum, 12);
        }
      }
    }
  });

  it("closes a gate for good at minus infinity, and says nothing where both are closed", () => {
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const got = numbersOf(problem(minLstm, SHAPE, { q: [low, 0, low], k: [0, low, low], v: [2, 5, 7] }));
    expect(got).toEqual([2, 2, Number.NaN]);
    expect(numbersOf(problem(minGru, SHAPE, { k: [high, low, 0], v: [2, 5, 4] }))).toEqual([2, 2, 3]);
  });

  it("forgets what an Elman network was told long ago", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 200, headDim: 16 });
    const one = problem(elman, shape);
    const changed = { ...one.inputs, v: one.inputs.v.slice() };
    changed.v.fill(3, 0, 16);
    const [before, after] = [rowsOf(one), rowsOf(one, changed)];
    const apart = (row: number) => Math.max(...before[row].map((x, i) => Math.abs(x - after[row][i])));
    expect(apart(1)).toBeGreaterThan(0.01);
    expect(apart(199)).toBeLessThan(1e-9);
  });

  it("gives the rows that are asked for, in their order, with the same numbers as all together", () => {
    const shape = shapeOf({ batch: 2, heads: 2, length: 9, headDim: 4 });
    const one = problem(lstm, shape);
    const places = everyRow(shape)
      .filter((_, at) => at % 5 === 2)
      .toReversed();
    const all = one.kind.oracle(one).rows(everyRow(shape), float32);
    const some = one.kind.oracle(one).rows(places, float32);
    for (const [at, { batch, head, row }] of places.entries()) {
      expect(some[at].values).toEqual(all[(batch * 2 + head) * 9 + row].values);
    }
  });
});

describe("slack of recurrent cells", () => {
  const shape = shapeOf({ batch: 1, heads: 1, length: 4000, headDim: 8 });
  const last = [{ batch: 0, head: 0, row: 3999 }];

  it.each([
    ["elman", elman],
    ["lstm", lstm],
    ["min-gru", minGru],
    ["min-lstm", minLstm],
  ])("does not grow with the sequence, and float32 stays near it: %s", (_, variant) => {
    const one = problem(variant, shape);
    const oracle = one.kind.oracle(one);
    const [exact] = oracle.rows(last, float64);
    const [rounded] = oracle.rows(last, float32);
    for (const [i, slack] of exact.slack().entries()) {
      expect(slack).toBeLessThan(1e-5);
      expect(Math.abs(rounded.values[i] - exact.values[i])).toBeLessThan(8 * slack);
    }
  });

  it("is as large as the rows where weights make small differences grow: nothing is proven, and nothing refused", async () => {
    const chaotic = shapeOf({ batch: 1, heads: 1, length: 400, headDim: 32 });
    const one = problem(elman, chaotic);
    const loud = { ...one, inputs: { ...one.inputs, u: tensorNamed(one.inputs, "u").map((x) => 8 * x) } };
    const { unproven } = expectation(loud, loud.kind.oracle(loud), everyRow(chaotic), 0);
    expect(unproven).toMatch(/float32 alone may err by more than a tenth of the row/);
    expect((await throughGate(loud, js)).outcome).toBe("unproven");
    expect((await throughGate(one, js)).outcome).toBe("green");
  });
});

describe("weights of recurrent cells", () => {
  it("are drawn one stream a head and weight, by the variant's seed", () => {
    const shape = shapeOf({ batch: 1, heads: 2, length: 1, headDim: 16 });
    const uniform = problem(lstm, shape).inputs;
    const w = tensorNamed(uniform, "w");
    expect(w.length).toBe(2 * 64 * 16);
    expect(Math.max(...w.map(Math.abs))).toBeLessThanOrEqual(0.25);
    expect(w.reduce((sum, x) => sum + x * x, 0) / w.length).toBeCloseTo(1 / 48, 3);
    const normal = tensorNamed(problem(elman, shape).inputs, "u");
    expect(normal.reduce((sum, x) => sum + x * x, 0) / normal.length).toBeCloseTo(1 / 16, 2);
    const first = randomStream(0, hashText("lstm/w"), 1).uniform();
    expect(w[64 * 16]).toBe(Math.fround(0.25 * (2 * first - 1)));
  });
});
