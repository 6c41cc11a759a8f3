import fc, { type Arbitrary } from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount, rowIn } from "../../../../src/core/outputs.ts";
import type { Parameters, ValuesOf } from "../../../../src/core/parameters.ts";
import { kvHeadOf, type Shape, shapeOf } from "../../../../src/core/shape.ts";
import { tensorNamed } from "../../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../../src/core/variant.ts";
import { guardedOutput } from "../../../../src/kernels/kernel.ts";
import { createNative } from "../../../../src/kernels/native/index.ts";
import { endThreads } from "../../../../src/kernels/native/threads/crew.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { brokenGuard, setGuards } from "../../../../src/verify/guarded-run.ts";
import { cosformer } from "../../../../variants/feature-map/cosformer.ts";
import { dpfp } from "../../../../variants/feature-map/dpfp.ts";
import { hedgehog } from "../../../../variants/feature-map/hedgehog.ts";
import { linear } from "../../../../variants/feature-map/linear.ts";
import { performer } from "../../../../variants/feature-map/performer.ts";
import { reluLinear } from "../../../../variants/feature-map/relu-linear.ts";
import { rfa } from "../../../../variants/feature-map/rfa.ts";
import { taylor } from "../../../../variants/feature-map/taylor.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { leastWorkOf, reference } from "../../../mechanisms/judge.ts";
import { alsoUnlike, describeProblem, problemOf, shapes } from "../../arbitrary-problems.ts";
import { describeNative } from "../here.ts";

const native = createNative();

/** Every map whose derivative there is code for. */
const MAPS: readonly (readonly [variant: Variant, params: ValuesOf<Parameters>])[] = [
  [linear, {}],
  [reluLinear, {}],
  [cosformer, {}],
  [cosformer, { horizon: 40 }],
  [hedgehog, {}],
  [dpfp, { nu: 1 }],
  [dpfp, { nu: 3 }],
  [taylor, { project: 0 }],
  [taylor, { project: 5 }],
  [rfa, { features: 40 }],
  [rfa, { features: 9, tau: 0.1 }],
  [performer, { features: 40 }],
  [performer, { features: 3 }],
];

/** Problems of linear attention whose gradient the family computes. */
const problemsIn = (of: Arbitrary<Shape>): Arbitrary<JudgedProblem> =>
  fc
    .tuple(fc.constantFrom(...MAPS), of, fc.boolean(), fc.nat())
    .map(([[variant, params], shape, causal, seed]) =>
      problemOf(parameterize(variant, params).mechanism, shape, causal, "gaussian", seed),
    )
    .filter((problem) => native.supports(gradientOf(problem)) === true);

const problems = problemsIn(shapes);

/** The same over several segments, which have states of their own. */
const segmented = problemsIn(
  alsoUnlike(
    fc
      .record({
        batch: fc.constant(1),
        heads: fc.integer({ min: 1, max: 2 }),
        length: fc.integer({ min: 641, max: 1400 }),
        headDim: fc.integer({ min: 1, max: 6 }),
      })
      .map(shapeOf),
  ),
);

/** What it computes of a gradient over numbers that are none, called so many times; and whether it kept to its output. */
function gradientsOf(problem: JudgedProblem, calls = 1): Float32Array {
  const runnable = native.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
  setGuards(runnable.output());
  for (let call = 0; call < calls; call++) {
    runnable.output().fill(Number.NaN);
    runnable.save?.();
    runnable.run();
  }
  expect(brokenGuard(runnable.output())).toBeNull();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}

/** How many of the first numbers are the same as the others; -1 if all are. */
function differsAt(one: Float32Array, other: Float32Array): number {
  return one.findIndex((value, at) => !Object.is(value, other[at]));
}

/** What is wrong with a gradient in any of some rows; null if nothing is. */
function failureOf(problem: JudgedProblem, rows = everyRowOf(problem)): string | null {
  return expectation(problem, reference(problem), rows, 0).compare(gradientsOf(problem)).failure;
}

/** Two heads that share keys and values of another width. */
function ofMap(
  variant: Variant,
  params: ValuesOf<Parameters>,
  { length, headDim }: { readonly length: number; readonly headDim: number },
  causal: boolean,
): JudgedProblem {
  const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length, headDim, valueDim: 18 });
  return problemOf(parameterize(variant, params).mechanism, shape, causal, "gaussian", 1);
}

/** A number that is none or huge: in which tensor, and counted round and round its numbers. */
const plants = fc.record({
  tensor: fc.constantFrom("q", "k", "v", "dout"),
  at: fc.nat(),
  planted: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e9, -1e9, 300),
});

/**
 * Whether a number planted in a row of a tensor may show in a row of a gradient. A query's own gradient has it from the keys that the
 * query sees; a key's from the queries that see the key, and through them from all that they see.
 */
function mayReach(
  { shape, causal }: JudgedProblem,
  from: { tensor: string; batch: number; head: number; row: number },
  to: { tensor?: string; batch: number; head: number; row: number },
): boolean {
  const isKey = from.tensor === "k" || from.tensor === "v";
  // What the layer learned for a head sums over the batch, and over all its tokens.
  if (!["dq", "dk", "dv"].includes(to.tensor ?? "")) {
    return (isKey ? from.head : kvHeadOf(shape, from.head)) === to.head;
  }
  if (from.batch !== to.batch) return false;
  if (to.tensor === "dq") {
    if (!isKey) return from.head === to.head && from.row === to.row;
    return from.head === kvHeadOf(shape, to.head) && (!causal || from.row <= to.row);
  }
  if (isKey) return from.head === to.head;
  return kvHeadOf(shape, from.head) === to.head && (!causal || to.row <= from.row);
}

describeNative("the gradient of linear attention in machine code", () => {
  afterAll(endThreads);

  it.each<GradientPass>(["backward", "train"])(
    "is that of the oracle in every row: %s",
    (pass) => {
      fc.assert(
        fc.property(problems, fc.nat(), (plain, seed) => {
          const failure = failureOf(gradientOf(plain, pass, seed));
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 60 },
      );
    },
    600_000,
  );

  it("has the same bits on any number of threads, call after call", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 2, max: 5 }), (plain, threads) => {
        const problem = gradientOf(plain, "train");
        expect(differsAt(gradientsOf({ ...problem, threads }, 2), gradientsOf(problem))).toBe(-1);
      }),
      { numRuns: 60 },
    );
  });

  it("has the same bits on any number of threads where heads are cut into segments", () => {
    fc.assert(
      fc.property(segmented, fc.integer({ min: 2, max: 5 }), (plain, threads) => {
        const problem = gradientOf(plain);
        expect(differsAt(gradientsOf({ ...problem, threads }, 2), gradientsOf(problem))).toBe(-1);
      }),
      { numRuns: 40 },
    );
  });

  it.each([false, true])(
    "is right over several chunks of every map, also where heads share keys, causal: %s",
    (causal) => {
      for (const [variant, params] of MAPS) {
        if (causal && variant.id === performer.id) continue;
        const problem = gradientOf(ofMap(variant, params, { length: 150, headDim: 7 }, causal));
        expect(`${variant.id}: ${failureOf(problem)}`).toBe(`${variant.id}: null`);
      }
    },
    600_000,
  );

  it.each([
    ["elu+1, causal: false", linear, {}, false],
    ["elu+1, causal: true", linear, {}, true],
    ["a projection, causal: false", taylor, { project: 3 }, false],
    ["a projection, causal: true", taylor, { project: 3 }, true],
    ["FAVOR+", performer, { features: 20 }, false],
  ] as const)(
    "is right over several segments: %s",
    (_, variant, params, causal) => {
      const problem = gradientOf(ofMap(variant, params, { length: 700, headDim: 5 }, causal));
      // Ends of segments and of chunks, and others between.
      const rows = everyRowOf(problem).filter(({ row }) => row % 64 < 1 || row % 64 > 62 || row % 29 === 0);
      expect(failureOf(problem, rows)).toBeNull();
    },
    600_000,
  );

  it.each([6, 300])("is right where weights of FAVOR+ are far apart: q and k %d times normal", (times) => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 150, headDim: 16 });
    const { mechanism } = parameterize(performer, { features: 40 });
    const { inputs, ...plain } = problemOf(mechanism, shape, false, "gaussian", 3);
    const [q, k] = [inputs.q, inputs.k].map((tensor) => tensor.map((number) => times * number));
    expect(failureOf(gradientOf({ ...plain, inputs: { ...inputs, q, k } }))).toBeNull();
  });

  it("takes of the forward pass nothing but what that says it leaves", () => {
    fc.assert(
      fc.property(fc.oneof(problems, segmented), (plain) => {
        const { inputs, ...rest } = gradientOf(plain);
        const names = ["q", "k", "v"] as const;
        const own = { ...inputs, ...Object.fromEntries(names.map((name) => [name, inputs[name].slice()])) };
        const problem = { ...rest, inputs: own };
        const expected = gradientsOf(problem);
        const runnable = native.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
        const kept = (): readonly Float32Array[] => (runnable.saved?.() ?? []) as readonly Float32Array[];
        runnable.save?.();
        const left = kept().map((array) => array.slice());
        for (const name of names) own[name].fill(0.5);
        runnable.save?.();
        for (const name of names) own[name].set(inputs[name]);
        for (const [index, array] of kept().entries()) array.set(left[index]);
        runnable.run();
        expect(differsAt(runnable.output(), expected)).toBe(-1);
        runnable.dispose();
      }),
      { numRuns: 40 },
    );
  });

  it("shows NaN or a huge number only where it is read, and other rows keep their bits", () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 6, arbitrary: problems }, segmented), plants, (plain, plant) => {
        const { tensor, at, planted } = plant;
        const problem = gradientOf(plain);
        const numbers = Float32Array.from(tensorNamed(problem.inputs, tensor));
        const place = at % numbers.length;
        numbers[place] = planted;
        const { shape } = plain;
        const isKey = tensor === "k" || tensor === "v";
        const row = Math.floor(place / (tensor === "q" || tensor === "k" ? shape.headDim : shape.valueDim));
        const [rows, heads] = isKey ? [shape.length, shape.kvHeads] : [shape.queries, shape.heads];
        const from = {
          tensor,
          ...{ batch: Math.floor(row / rows / heads), head: Math.floor(row / rows) % heads, row: row % rows },
        };
        const inputs = { ...problem.inputs, [tensor]: numbers };
        const [clean, spoilt] = [gradientsOf(problem), gradientsOf({ ...problem, inputs })];
        const outputs = outputsOf(problem);
        for (const to of everyRowOf(problem)) {
          if (mayReach(plain, from, to)) continue;
          const { at: start, width } = rowIn(outputs, to);
          const [kept, got] = [clean, spoilt].map((of) => of.subarray(start, start + width));
          expect({ to, differs: differsAt(got, kept) }).toEqual({ to, differs: -1 });
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is 0, as the output is, for queries and keys that have no feature in common, where ε is 0", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 90, headDim: 6 });
    for (const causal of [false, true]) {
      const { mechanism } = parameterize(reluLinear, { eps: 0 });
      const plain = problemOf(mechanism, shape, causal);
      const q = plain.inputs.q.map((number) => -Math.abs(number));
      const problem = gradientOf({ ...plain, inputs: { ...plain.inputs, q } }, "train");
      expect(native.supports(problem)).toBe(true);
      const output = gradientsOf(problem);
      expect([...new Set(output.map(Math.abs))]).toEqual([0]);
    }
  });

  it("counts no fewer operations and bytes than the mathematics takes", () => {
    fc.assert(
      fc.property(fc.oneof(problems, segmented), (plain) => {
        const problem = gradientOf(plain);
        const runnable = native.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
        const least = leastWorkOf(problem);
        expect(runnable.executedFlops).toBeGreaterThanOrEqual(least.flops);
        expect(runnable.bytes).toBeGreaterThanOrEqual(least.bytes);
        runnable.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("says through which map it takes no causal gradients", () => {
    const { mechanism } = parameterize(performer, { features: 8 });
    const problem = gradientOf(
      problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 4, headDim: 4 }), true),
    );
    expect(native.supports(problem)).toBe(
      "it computes no causal gradients of FAVOR+, whose exponents go along with the state",
    );
  });
});
