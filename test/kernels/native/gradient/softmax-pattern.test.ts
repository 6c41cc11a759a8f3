import fc, { type Arbitrary } from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount, rowIn } from "../../../../src/core/outputs.ts";
import { kvHeadOf, shapeOf } from "../../../../src/core/shape.ts";
import { tensorNamed } from "../../../../src/core/tensors.ts";
import { parameterize } from "../../../../src/core/variant.ts";
import { js } from "../../../../src/kernels/js/index.ts";
import { guardedOutput, type ReadyKernel } from "../../../../src/kernels/kernel.ts";
import { createNative } from "../../../../src/kernels/native/index.ts";
import { endThreads } from "../../../../src/kernels/native/threads/crew.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../../src/mechanisms/softmax-pattern/declare.ts";
import type { Bias } from "../../../../src/pairwise/bias.ts";
import { bindHeads } from "../../../../src/pattern/bind.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { brokenGuard, setGuards } from "../../../../src/verify/guarded-run.ts";
import { full } from "../../../../variants/dense/full.ts";
import { local } from "../../../../variants/sparse/local.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { alsoUnlike, describeProblem, problemOf, problemsFor } from "../../arbitrary-problems.ts";
import { describeNative } from "../here.ts";

const native = createNative();

/** Problems whose gradient the family computes. */
const problems: Arbitrary<JudgedProblem> = problemsFor(native).filter(
  (problem) => isSoftmaxPattern(problem.mechanism) && native.supports(gradientOf(problem)) === true,
);

/** The same at lengths at which the queries of a head are cut into segments with sums of their own. */
const segmented: Arbitrary<JudgedProblem> = problemsFor(
  native,
  alsoUnlike(
    fc
      .record({
        batch: fc.constant(1),
        heads: fc.integer({ min: 1, max: 2 }),
        length: fc.integer({ min: 520, max: 900 }),
        headDim: fc.integer({ min: 1, max: 6 }),
      })
      .map(shapeOf),
  ),
).filter((problem) => isSoftmaxPattern(problem.mechanism) && native.supports(gradientOf(problem)) === true);

/** What it, or another kernel, computes of a gradient over numbers that are none, called so many times; and whether it kept to its output. */
function gradientsOf(problem: JudgedProblem, calls = 1, kernel: ReadyKernel = native): Float32Array {
  const runnable = kernel.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
  setGuards(runnable.output());
  for (let call = 0; call < calls; call++) {
    runnable.output().fill(Number.NaN);
    runnable.save?.();
    for (const { byteLength } of runnable.saved?.() ?? []) expect(byteLength).toBeGreaterThan(0);
    runnable.run();
  }
  expect(brokenGuard(runnable.output())).toBeNull();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}

/** What the learned table of the only head gets. */
function tableGradientOf(kernel: ReadyKernel, problem: JudgedProblem): Float32Array {
  const { at, width } = rowIn(outputsOf(problem), { tensor: "dtable", batch: 0, head: 0, row: 0 });
  return gradientsOf(problem, 1, kernel).subarray(at, at + width);
}

/** A number that is none or huge: in which tensor, and counted round and round its numbers. */
const plants = fc.record({
  tensor: fc.constantFrom("q", "k", "v", "dout"),
  at: fc.nat(),
  planted: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e9, -1e9, 300),
});

/**
 * The rows of dq, dk and dv, as their places, in which it may show: a query's own gradient, those of the keys that it attends,
 * and for a key first of all the queries that attend it.
 */
function reached({ mechanism, ...problem }: JudgedProblem, tensor: string, at: number): Set<string> {
  const { shape } = problem;
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const patterns = bindHeads(mechanism as SoftmaxPattern, problem);
  const isKey = tensor === "k" || tensor === "v";
  const row = Math.floor(at / (tensor === "q" || tensor === "k" ? headDim : valueDim));
  const [rows, ofHeads] = isKey ? [length, kvHeads] : [queries, heads];
  const [entry, planted, token] = [
    Math.floor(row / (rows * ofHeads)) % batch,
    Math.floor(row / rows) % ofHeads,
    row % rows,
  ];
  const places = new Set<string>();
  for (const [head, pattern] of patterns.entries()) {
    if ((isKey ? kvHeadOf(shape, head) : head) !== planted) continue;
    for (let query = 0; query < queries; query++) {
      if (!(isKey ? pattern.attends(query, token) : query === token)) continue;
      places.add(`dq ${entry} ${head} ${query}`);
      for (let key = 0; key < length; key++) {
        if (!pattern.attends(query, key)) continue;
        for (const name of ["dk", "dv"]) places.add(`${name} ${entry} ${kvHeadOf(shape, head)} ${key}`);
        // Batch entries share what is learned.
        places.add(`dtable 0 ${head} 0`);
      }
    }
  }
  return places;
}

describeNative("the gradient of attention in machine code", () => {
  afterAll(endThreads);

  it.each<GradientPass>(["backward", "train"])(
    "is that of the oracle in every row: %s",
    (pass) => {
      fc.assert(
        fc.property(problems, fc.nat(), (plain, seed) => {
          const problem = gradientOf(plain, pass, seed);
          const output = gradientsOf(problem);
          const expected = expectation(problem, reference(problem), everyRowOf(problem), 0);
          const { failure } = expected.compare(output);
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 120 },
      );
    },
    600_000,
  );

  it("has the same bits on any number of threads, call after call", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 2, max: 4 }), (plain, threads) => {
        const problem = gradientOf(plain, "train");
        const expected = gradientsOf(problem);
        const got = gradientsOf({ ...problem, threads }, 2);
        expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
      }),
      { numRuns: 60 },
    );
  });

  it("is right in every row, with the bits of any number of threads, where heads are cut into segments", () => {
    fc.assert(
      fc.property(segmented, fc.integer({ min: 2, max: 4 }), (plain, threads) => {
        const problem = gradientOf(plain);
        const output = gradientsOf(problem);
        const got = gradientsOf({ ...problem, threads }, 2);
        expect(got.findIndex((value, at) => !Object.is(value, output[at]))).toBe(-1);
        const expected = expectation(problem, reference(problem), everyRowOf(problem), 0);
        const { failure } = expected.compare(output);
        if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
      }),
      { numRuns: 8 },
    );
  });

  it("shows NaN or a huge number only where it is read, and other rows keep their bits", () => {
    fc.assert(
      fc.property(problems, plants, (plain, { tensor, at, planted }) => {
        const problem = gradientOf(plain);
        const numbers = Float32Array.from(tensorNamed(problem.inputs, tensor));
        numbers[at % numbers.length] = planted;
        const inputs = { ...problem.inputs, [tensor]: numbers };
        const [clean, spoilt] = [gradientsOf(problem), gradientsOf({ ...problem, inputs })];
        const may = reached(plain, tensor, at % numbers.length);
        const outputs = outputsOf(problem);
        for (const place of everyRowOf(problem)) {
          if (may.has(`${place.tensor} ${place.batch} ${place.head} ${place.row}`)) continue;
          const { at: from, width } = rowIn(outputs, place);
          const [kept, got] = [clean, spoilt].map((of) => [...of.subarray(from, from + width)]);
          expect({ place, row: got }).toEqual({ place, row: kept });
        }
      }),
      { numRuns: 200 },
    );
  });

  it("has the same bits of a row of dq whatever keys its query does not attend, also where rows raise maxima together", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 33, headDim: 7 });
    const { mechanism } = parameterize(local, { window: 5 });
    for (let seed = 1; seed <= 60; seed++) {
      for (const causal of [false, true]) {
        const plain = problemOf(mechanism, shape, causal, "peaked", seed);
        const problem = gradientOf(plain);
        const [pattern] = bindHeads(mechanism as SoftmaxPattern, plain);
        const k = problem.inputs.k.map((number, index) => {
          return pattern.attends(32, Math.floor(index / shape.headDim)) ? number : 1e9;
        });
        const { at, width } = rowIn(outputsOf(problem), { tensor: "dq", batch: 0, head: 0, row: 32 });
        const [kept, got] = [problem, { ...problem, inputs: { ...problem.inputs, k } }].map((one) => [
          ...gradientsOf(one).subarray(at, at + width),
        ]);
        expect({ seed, causal, row: got }).toEqual({ seed, causal, row: kept });
      }
    }
  });

  it("is 0 for a key that no query attends", () => {
    const { mechanism } = parameterize(local, { window: 4 });
    // Keys before those that the first of few queries sees are read by none.
    const shape = shapeOf({ batch: 1, heads: 1, length: 200, queries: 20, headDim: 24 });
    const problem = gradientOf(problemOf(mechanism, shape, true));
    const { at, width } = rowIn(outputsOf(problem), { tensor: "dk", batch: 0, head: 0, row: 0 });
    const unread = gradientsOf(problem).subarray(at, at + 170 * width);
    expect([...new Set(unread)]).toEqual([0]);
  });

  it("adds up what a learned bias gets of pairs side by side as pair by pair, whatever lies behind the last row", () => {
    const { mechanism } = parameterize(local, { window: 70, bias: "t5" });
    const bias = (mechanism as SoftmaxPattern).bias as Bias;
    // The same places, but looked up.
    const placed = { ...mechanism, bias: { ...bias, place: (token: number) => token } };
    for (const [length, queries] of [
      [130, 130],
      [97, 33],
      [200, 1],
    ]) {
      const shape = shapeOf({ batch: 2, heads: 2, length, queries, headDim: 8 });
      const plain = problemOf(mechanism, shape, false);
      const [inOrder, byPlace] = [plain, { ...plain, mechanism: placed }].map((one) => {
        const problem = gradientOf(one);
        const { at, width } = rowIn(outputsOf(problem), { tensor: "dtable", batch: 0, head: 0, row: 0 });
        return [...gradientsOf(problem).subarray(at, at + 2 * width)];
      });
      expect(Math.max(...inOrder.map(Math.abs))).toBeGreaterThan(0);
      for (const [at, number] of inOrder.entries()) expect(number).toBeCloseTo(byPlace[at], 4);
    }
  });

  it("has 0 for what no pair reads of a learned bias", () => {
    const { mechanism } = parameterize(local, { window: 3, bias: "t5" });
    const shape = shapeOf({ batch: 1, heads: 1, length: 61, headDim: 8 });
    const table = [...tableGradientOf(native, gradientOf(problemOf(mechanism, shape, true)))];
    // Distances 0 to 3.
    expect(table.flatMap((number, entry) => (number === 0 ? [] : [entry]))).toEqual([0, 1, 2, 3]);
  });

  it("has NaN in a learned bias for what a key that is none reads, and nowhere else", () => {
    const { mechanism } = parameterize(full, { bias: "t5", normaliser: "sigmoid" });
    // The last vector of rows is not full: rows that are none would read what lies on the other side of the last key.
    const shape = shapeOf({ batch: 1, heads: 1, length: 61, headDim: 8 });
    for (const key of [0, 30, 60]) {
      const problem = gradientOf(problemOf(mechanism, shape, false));
      const v = Float32Array.from(problem.inputs.v).fill(Number.NaN, 8 * key, 8 * key + 8);
      const spoilt = { ...problem, inputs: { ...problem.inputs, v } };
      const [got, expected] = [native, js].map((kernel) => [...tableGradientOf(kernel, spoilt)]);
      expect(got.map(Number.isNaN)).toEqual(expected.map(Number.isNaN));
      expect(new Set(got.map(Number.isNaN))).toEqual(new Set([false, true]));
    }
  });
});
