import { describe, expect, it } from "vitest";
import type { GivenGates } from "../../../src/core/call-settings.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import type { Recurrence } from "../../../src/mechanisms/recurrence/declare.ts";
import { delta } from "../../../variants/recurrence/delta.ts";
import { gatedDelta } from "../../../variants/recurrence/gated-delta.ts";
import { gla } from "../../../variants/recurrence/gla.ts";
import { kda } from "../../../variants/recurrence/kda.ts";
import { lightning } from "../../../variants/recurrence/lightning.ts";
import { retention } from "../../../variants/recurrence/retention.ts";
import { rwkv6 } from "../../../variants/recurrence/rwkv6.ts";
import { rwkv7 } from "../../../variants/recurrence/rwkv7.ts";
import { simpleGla } from "../../../variants/recurrence/simple-gla.ts";
import { ssd } from "../../../variants/recurrence/ssd.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";

type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** A causal problem under gates, with these inputs in the place of those that are drawn. */
function asked(variant: Variant, shape: Shape, given: Numbers = {}, gates: GivenGates = {}): JudgedProblem {
  const { mechanism } = builtInKinds.under(parameterize(variant, {}), { gates });
  return withInputs(problemOf(mechanism, shape, true), given);
}

function withInputs(problem: JudgedProblem, given: Numbers): JudgedProblem {
  const changed = Object.entries(given).map(([name, numbers]) => [name, Float32Array.from(numbers)] as const);
  for (const [name, numbers] of changed) {
    expect([name, numbers.length]).toEqual([name, tensorNamed(problem.inputs, name).length]);
  }
  return { ...problem, inputs: { ...problem.inputs, ...Object.fromEntries(changed) } };
}

function numbersOf(problem: JudgedProblem, other: Partial<Recurrence> = {}): number[] {
  const changed = { ...problem, mechanism: { ...problem.mechanism, ...other } };
  const rows = problem.kind.oracle(changed).rows(everyRow(problem.shape), float64);
  return rows.flatMap(({ values }) => [...values]);
}

function expectClose(got: readonly number[], wanted: readonly number[], digits = 12): void {
  expect(got.length).toBe(wanted.length);
  for (const [at, value] of wanted.entries()) expect(got[at]).toBeCloseTo(value, digits);
}

const fill = (count: number, value: number) => new Float32Array(count).fill(value);

/** Two tokens of one head with one channel. */
const TWO = shapeOf({ batch: 1, heads: 1, length: 2, headDim: 1 });
const SHAPE = shapeOf({ batch: 1, heads: 2, length: 30, headDim: 4, valueDim: 3 });
const TOKENS = 2 * 30;

describe("the reference of recurrences, by hand", () => {
  const tokens = { q: [2, 3], k: [5, 7], v: [11, 13] };

  it("is retention: 31/32 of the first token is left", () => {
    expectClose(numbersOf(asked(retention, TWO, tokens)), [110, 3 * (55 * (31 / 32) + 91)]);
  });

  it("is lightning attention: the only head decays by e^(-2^-8)", () => {
    expectClose(numbersOf(asked(lightning, TWO, tokens)), [110, 3 * (55 * Math.exp(-1 / 256) + 91)]);
  });

  it("is GLA: σ(k w) to the power of a sixteenth is left", () => {
    const left = (1 / (1 + Math.exp(-3.5))) ** (1 / 16);
    for (const variant of [simpleGla, gla]) {
      const got = numbersOf(asked(variant, TWO, { ...tokens, decay: [0.5] }));
      expectClose(got, [110, 3 * (55 * left + 91)]);
    }
  });

  it("is SSD: a step of softplus(k w + b) writes, and e^-AΔ is left", () => {
    const [first, second] = [0.75, 1.25].map((x) => Math.log(1 + Math.exp(x)));
    const given = { ...tokens, decay: [0.25, 3, -0.5] };
    const got = [2 * 55 * first, 3 * (55 * first * Math.exp(-3 * second) + 91 * second)];
    expectClose(numbersOf(asked(ssd, TWO, given)), got);
    // And skip·v goes past the state.
    expectClose(numbersOf(asked(ssd, TWO, given), { skip: 2 }), [got[0] + 22, got[1] + 26]);
  });

  it("is the delta rule: what the state holds of the key is taken away by β", () => {
    const unit = (x: number) => x / Math.sqrt(x * x + 1e-6);
    const [q, k] = [tokens.q.map(unit), tokens.k.map(unit)];
    const beta = [5, 7].map((x) => 1 / (1 + Math.exp(-0.1 * x)));
    const first = beta[0] * k[0] * 11;
    const second = first + beta[1] * k[1] * (13 - first * k[1]);
    const got = numbersOf(asked(delta, TWO, { ...tokens, write: [0.1] }));
    expectClose(got, [first * q[0], second * q[1]], 6);
  });

  it("is RWKV-6: a token is read before it is written, and itself by a half", () => {
    const left = Math.exp(-Math.exp(-6 + 7 * 0.25));
    const got = numbersOf(
      asked(rwkv6, shapeOf({ batch: 1, heads: 1, length: 3, headDim: 1 }), {
        q: [2, 3, 4],
        k: [5, 7, 1],
        v: [11, 13, 17],
        decay: [0.25],
      }),
    );
    expectClose(got, [55, 3 * (55 + 91 / 2), 4 * (55 * left + 91 + 17 / 2)]);
  });

  it("is RWKV-7: what is erased is read before the decay", () => {
    const sigma = (x: number) => 1 / (1 + Math.exp(-x));
    const left = Math.exp(-Math.exp(-0.5) * sigma(7 * 0.25));
    const eta = [5, 7].map((x) => sigma(-0.125 * x));
    const square = 49 / (49 + 1e-6);
    const first = eta[0] * 55;
    const second = left * first - eta[1] * square * first + eta[1] * 91;
    expectClose(numbersOf(asked(rwkv7, TWO, { ...tokens, decay: [0.25], write: [-0.125] })), [
      2 * first,
      3 * second,
    ]);
  });
});

describe("the reference of recurrences agrees with itself", () => {
  const zeros = fill(TOKENS, 0);

  it("where SSD is the simple GLA of Δv times √d", () => {
    const dt = Float32Array.from({ length: TOKENS }, (_, at) => 0.25 * (1 + (at % 4)));
    const state = asked(ssd, SHAPE, { dt }, { dt: "token" });
    const decay = tensorNamed(state.inputs, "decay");
    for (let head = 0; head < 2; head++) decay[head * 6 + 4] = 0.5;
    const v = state.inputs.v.map((x, at) => x * dt[Math.floor(at / 3)]);
    const other = asked(simpleGla, SHAPE, { g: dt.map((step) => -0.5 * step), v }, { g: "token" });
    expectClose(
      numbersOf(state),
      numbersOf(other).map((x) => 2 * x),
      6,
    );
  });

  it("where gates of 1 make the gated delta rule and Kimi's the delta rule", () => {
    const beta = Float32Array.from({ length: TOKENS }, (_, at) => (at % 5) / 4);
    const plain = numbersOf(asked(delta, SHAPE, { beta }, { beta: "token" }));
    const scalar = asked(gatedDelta, SHAPE, { beta, g: zeros }, { beta: "token", g: "token" });
    const each = asked(kda, SHAPE, { beta, g: fill(4 * TOKENS, 0) }, { beta: "token", g: "channel" });
    expect(numbersOf(scalar)).toEqual(plain);
    expect(numbersOf(each)).toEqual(plain);
  });

  it("where a constant gate is retention", () => {
    const g = Float32Array.from({ length: TOKENS }, (_, at) => Math.log(1 - 2 ** (-5 - Math.floor(at / 30))));
    const gated = numbersOf(asked(simpleGla, SHAPE, { g }, { g: "token" }));
    expectClose(gated, numbersOf(asked(retention, SHAPE)), 5);
  });

  it("where a bonus of 1 and decays of 1 are linear attention, and a bonus of 0 does not see the token", () => {
    const open = asked(rwkv6, SHAPE, { g: zeros }, { g: "token" });
    const linear = numbersOf(asked(simpleGla, SHAPE, { g: zeros }, { g: "token" }));
    expectClose(numbersOf(open, { bonus: 1 }), linear);
    const blind = numbersOf(open, { bonus: 0 });
    const last = withInputs(open, { v: open.inputs.v.map((x, at) => (at % 90 >= 87 ? 99 : x)) });
    expect(numbersOf(last, { bonus: 0 })).toEqual(blind);
  });

  it("where RWKV-7 without decay and with one rate is the delta rule on unit rows, times √d", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 30, headDim: 4 });
    const plain = asked(delta, shape);
    const unit = (rows: Float32Array) =>
      rows.map((x, at) => x / Math.hypot(...rows.subarray(at - (at % 4), at - (at % 4) + 4)));
    const given = { q: unit(plain.inputs.q), k: unit(plain.inputs.k) };
    const weights = tensorNamed(plain.inputs, "write");
    const goose = asked(
      rwkv7,
      shape,
      { ...given, g: fill(30, 0), write: Array.from({ length: 16 }, (_, at) => weights[at % 4]) },
      { g: "token" },
    );
    expectClose(
      numbersOf(goose),
      numbersOf(withInputs(plain, given)).map((x) => 2 * x),
      4,
    );
  });

  it("where a small β writes without erasing, to the order of its square", () => {
    const apart = [1e-2, 1e-3].map((size) => {
      const small = asked(delta, SHAPE, { beta: fill(TOKENS, size) }, { beta: "token" });
      const [erasing, adding] = [numbersOf(small), numbersOf(small, { erase: null })];
      return Math.max(...erasing.map((x, at) => Math.abs(x - adding[at])));
    });
    expect(apart[0] / apart[1]).toBeGreaterThan(80);
    expect(apart[0] / apart[1]).toBeLessThan(120);
  });

  it("where the delta rule is a product of matrices", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 12, headDim: 3 });
    const beta = Float32Array.from({ length: 12 }, (_, at) => [0.25, 1, 0.5][at % 3]);
    const g = Float32Array.from({ length: 12 }, (_, at) => -0.125 * (at % 4));
    const one = asked(gatedDelta, shape, { beta, g }, { beta: "token", g: "token" });
    const { q, k, v } = one.inputs;
    const unit = (rows: Float32Array, token: number) => {
      const row = [...rows.subarray(3 * token, 3 * token + 3)];
      const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 1e-6));
      return row.map((x) => x / length);
    };
    const got = numbersOf(one);
    for (let token = 0; token < 12; token++) {
      const sum = [0, 0, 0];
      for (let from = 0; from <= token; from++) {
        // (I - β k kᵀ) α of all later tokens, on β k of this one.
        let column = unit(k, from).map((x) => beta[from] * x);
        for (let later = from + 1; later <= token; later++) {
          const key = unit(k, later);
          const held = key.reduce((total, x, c) => total + x * column[c], 0);
          column = column.map((x, c) => Math.exp(g[later]) * (x - beta[later] * held * key[c]));
        }
        const read = unit(q, token).reduce((total, x, c) => total + x * column[c], 0) / Math.sqrt(3);
        for (let j = 0; j < 3; j++) sum[j] += read * v[3 * from + j];
      }
      for (let j = 0; j < 3; j++) expect(got[3 * token + j]).toBeCloseTo(sum[j], 12);
    }
  });
});

describe("weights of recurrences", () => {
  it("of time steps are all w, then a rate, then a step for each row, one stream a head", () => {
    const shape = shapeOf({ batch: 1, heads: 40, length: 1, headDim: 8 });
    const decay = tensorNamed(asked(kda, shape).inputs, "decay");
    const rates = new Set<number>();
    for (let head = 0; head < 40; head++) {
      const rows = Array.from({ length: 8 }, (_, row) =>
        decay.subarray((head * 8 + row) * 10, (head * 8 + row + 1) * 10),
      );
      const own = new Set(rows.map((row) => row[8]));
      expect(own.size).toBe(1);
      for (const rate of own) rates.add(rate);
      for (const row of rows) {
        const step = Math.log(1 + Math.exp(row[9]));
        expect(step).toBeGreaterThan(0.99e-3);
        expect(step).toBeLessThan(0.101);
      }
    }
    expect(rates.size).toBe(40);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...rates)).toBeLessThan(16);
    const w = decay.filter((_, at) => at % 10 < 8);
    expect(w.reduce((sum, x) => sum + x * x, 0) / w.length).toBeCloseTo(1 / 8, 1);
  });
});
