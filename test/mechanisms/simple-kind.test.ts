import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../src/core/mechanism.ts";
import { everyRow } from "../../src/core/rows.ts";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { declareVariant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { kindsOf } from "../../src/mechanisms/kinds.ts";
import { constantValues } from "../../src/mechanisms/laws/constant-values.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { type SimpleKind, simpleKind } from "../../src/mechanisms/simple-kind.ts";
import { whyUnsound } from "../../src/mechanisms/try-kind.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { heldTo } from "../../src/verify/held-to.ts";

const gammaOf = (head: number) => 1 - 2 ** -(5 + head);

/** Retention: Sun et al. 2023, arXiv 2307.08621, eq. 5. */
const definition: SimpleKind<Mechanism> = {
  id: "retention",
  causality: "always",
  flops: ({ shape }) => 4 * elementCount(shape) * shape.headDim,
  laws: ["deterministic"],
  reference({ q, k, v, length, headDim: d, head }, round) {
    const out = new Float64Array(length * d);
    const state = new Float64Array(d * d);
    for (let at = 0; at < length * d; at += d) {
      for (let a = 0; a < d; a++) {
        for (let b = 0; b < d; b++) {
          const kept = round(gammaOf(head) * state[a * d + b]);
          state[a * d + b] = round(kept + round(k[at + a] * v[at + b]));
          out[at + b] = round(out[at + b] + round(q[at + a] * state[a * d + b]));
        }
      }
      for (let b = 0; b < d; b++) out[at + b] = round(out[at + b] / Math.sqrt(d));
    }
    return out;
  },
};
const retention = simpleKind(definition);
const kinds = kindsOf([retention]);
const mechanism = { kind: "retention" };

function problemOf(length: number, headDim: number, seed: number): JudgedProblem {
  const shape = shapeOf({ batch: 1, heads: 2, length, headDim });
  const inputs = syntheticSource("gaussian", seed).inputs(shape);
  return kinds.judged({ mechanism, shape, causal: true, threads: 1, inputs });
}

/** Retention pair by pair, every operation in float32, with a decay that is `off` by so much of itself. */
function pairByPair({ shape, inputs: { q, k, v } }: JudgedProblem, off = 0): Float32Array {
  const { heads, length, headDim: d } = shape;
  const out = new Float32Array(elementCount(shape));
  for (let row = 0; row < heads * length; row++) {
    const gamma = gammaOf(Math.floor(row / length) % heads) * (1 - off);
    for (let key = row - (row % length); key <= row; key++) {
      let dot = 0;
      for (let i = 0; i < d; i++) dot = Math.fround(dot + Math.fround(q[row * d + i] * k[key * d + i]));
      const weight = Math.fround(Math.fround(dot / Math.sqrt(d)) * Math.fround(gamma ** (row - key)));
      for (let i = 0; i < d; i++) out[row * d + i] += Math.fround(weight * v[key * d + i]);
    }
  }
  return out;
}

function failureOf(problem: JudgedProblem, output: Float32Array): string | null {
  return expectation(problem, problem.kind.oracle(problem), everyRow(problem.shape), 1).compare(output)
    .failure;
}

it("no right output is refused whatever its numbers, in another order of float32 sums", () => {
  for (let seed = 0; seed < 25; seed++) {
    for (const headDim of [1, 2, 5, 16]) {
      const problem = problemOf(40, headDim, seed);
      expect([seed, headDim, failureOf(problem, pairByPair(problem))]).toEqual([seed, headDim, null]);
    }
  }
});

it("a decay that is off by a thousandth is refused", () => {
  for (const headDim of [1, 2, 5, 16]) {
    const problem = problemOf(40, headDim, 3);
    expect(failureOf(problem, pairByPair(problem, 1e-3))).toMatch(/over budget/);
  }
});

it("the oracle has nothing of the numbers that stood there before", () => {
  const problem = problemOf(9, 3, 5);
  const oracle = problem.kind.oracle(problem);
  const places = everyRow(problem.shape);
  const before = oracle.rows(places, float64).map(({ values }) => [...values]);
  problem.inputs.v.forEach((value, at) => {
    problem.inputs.v[at] = -value;
  });
  const after = oracle.rows(places, float64).map(({ values }) => [...values].map((value) => -value));
  expect(after).toEqual(before);
});

const sound = { id: "mine", flops: () => 1, laws: [], reference: () => new Float64Array(0) };

it("laws that nobody knows are refused, and so is an output of another size", () => {
  expect(() => simpleKind({ ...sound, laws: ["commutes" as "deterministic"] })).toThrow(
    /kind mine: laws must be an array of some of deterministic, .*, got commutes/,
  );
  const one = { ...problemOf(4, 2, 1), mechanism: { kind: "mine" } };
  const judged = kindsOf([simpleKind(sound)]).judged(one);
  expect(() => judged.kind.oracle(judged).rows([{ batch: 0, head: 0, row: 0 }], float64)).toThrow(
    "kind mine: reference must give a Float64Array of 8 numbers, got 0",
  );
});

it("a kind that is unknown, or there already, is refused by name", () => {
  expect(() => kindsOf().judged({ mechanism: { kind: "mine" } })).toThrow(
    /kind: must be one of softmaxPattern, featureMap.*, got mine; a plug-in/,
  );
  expect(() => kindsOf([simpleKind({ ...sound, id: "featureMap" })])).toThrow(
    "kind: names must be unique, got featureMap twice",
  );
});

it.each([
  [
    ["kvHeads", "headDim"],
    "weights",
    /the input more must end in its rows and its width, after kvHeads, got \[kvHeads, headDim\]/,
  ],
  [
    ["batch", "heads", "length"],
    "token",
    /the input more must be \[batch, heads or kvHeads, length or queries, a width\] for tokens/,
  ],
  [["batch", "heads", "headDim", "length"], "token", /the input more must be \[batch/],
] as const)("an input of dimensions %j for %s is refused by name", (dims, of, rule) => {
  const kind = simpleKind({ ...definition, inputs: () => ({ more: { dims, of } }) });
  expect(whyUnsound(kindsOf([kind]).judged({ mechanism }))).toMatch(rule);
});

it("an input of each head's own width is taken", () => {
  const inputs = () => ({ more: { dims: ["kvHeads", 1, "headDim"], of: "weights" } }) as const;
  const kind = simpleKind({ ...definition, inputs });
  expect(whyUnsound(kindsOf([kind]).judged({ mechanism }))).toBeNull();
});

describe("a kind is asked about a few numbers before anything is compared with it", () => {
  const unsound = (change: Partial<SimpleKind<Mechanism>>) => {
    const kind = simpleKind({ ...definition, ...change });
    return whyUnsound(kindsOf([kind]).judged({ mechanism }));
  };

  it("finds nothing wrong with a sound one", () => {
    expect(unsound({})).toBeNull();
  });

  it.each<[string, Partial<SimpleKind<Mechanism>>, RegExp]>([
    ["counts no operations", { flops: () => 0 }, /^flops must be a number of operations from 1, got 0/],
    ["counts NaN", { flops: () => Number.NaN }, /^flops must .* got NaN/],
    ["throws when it counts", { flops: () => JSON.parse("{") }, /^flops threw /],
    [
      "throws in its reference",
      { reference: () => JSON.parse("{") },
      /^reference threw kind retention: reference threw/,
    ],
    ["gives NaN", { reference: ({ q }) => new Float64Array(q.length).fill(Number.NaN) }, /finite numbers/],
    [
      "gives other numbers each time",
      { reference: ({ q }, round) => Float64Array.from(q, (x) => round(x * (1 + 1e-3 * Math.random()))) },
      /the same numbers again/,
    ],
    ["forgets to round", { reference: ({ q }) => Float64Array.from(q, (x) => x / 3) }, /through round/],
    [
      "rounds to a few digits",
      { reference: ({ q }, round) => Float64Array.from(q, (x) => round(round(x / 3 + 3e5) - 3e5)) },
      /must be what float32 can compute, got rows that rounding moves by/,
    ],
  ])("finds one that %s", (_, change, message) => {
    expect(unsound(change)).toMatch(message);
  });

  it.each([
    [{ id: 3 }, "kind: id must be letters, digits and hyphens, got 3"],
    [{ flops: undefined }, "kind retention: flops must be a function, got undefined"],
    [{ reference: "loop" }, "kind retention: reference must be a function, got loop"],
    [
      { causality: "sometimes" },
      "kind retention: causality must be either or always or never, got sometimes",
    ],
    [{ laws: undefined }, /kind retention: laws must be an array of some of deterministic, /],
  ])("refuses %o by name", (change, message) => {
    expect(() => simpleKind({ ...definition, ...(change as object) })).toThrow(message);
  });

  it("takes neither a mask nor a scale", () => {
    const { kind } = kinds.judged({ mechanism });
    expect(kind.whyNotUnder(mechanism, { scale: 0.5 })).toMatch(/takes no scale/);
    expect(kind.whyNotUnder(mechanism, { mask: { left: 1, right: null, from: 0, to: null } })).toMatch(
      /no mask/,
    );
  });

  it("changes no input, whatever its reference does to what it is handed", () => {
    const greedy = simpleKind<Mechanism>({
      ...definition,
      reference(head, round) {
        const out = definition.reference(head, round);
        head.k.fill(7);
        return out;
      },
    });
    const problem = { ...problemOf(5, 2, 1), kind: greedy };
    const before = problem.inputs.k.slice();
    greedy.oracle(problem).rows(everyRow(problem.shape), float64);
    expect(problem.inputs.k).toEqual(before);
  });
});

it("the law of weights that sum to 1 is broken by a kind whose weights do not", async () => {
  const variant = declareVariant(
    { id: "retention", title: "Retention", source: "here", params: {}, exponent: () => 1 },
    () => mechanism,
  );
  const { shape, inputs } = problemOf(12, 3, 1);
  const held = heldTo({
    variant,
    filled: kinds.judged({ id: "retention", params: {}, mechanism, exponent: 1, exponentAt: () => 1 }),
    kinds,
    call: {},
    shape,
    causal: true,
    inputs,
    seed: 1,
    kernel: simpleKernel({
      id: "pairs",
      prepare: (problem, output) => () => output.set(pairByPair(kinds.judged(problem))),
    }),
  });
  expect(await constantValues.check(held)).toMatch(/expected 1.5/);
});
