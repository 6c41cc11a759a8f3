import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Parameters, ValuesOf } from "../../../src/core/parameters.ts";
import { randomStream } from "../../../src/core/random.ts";
import { elementCount, layoutOf, offsetIn, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { cosformer } from "../../../variants/feature-map/cosformer.ts";
import { dpfp } from "../../../variants/feature-map/dpfp.ts";
import { hedgehog } from "../../../variants/feature-map/hedgehog.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { performer } from "../../../variants/feature-map/performer.ts";
import { reluLinear } from "../../../variants/feature-map/relu-linear.ts";
import { rfa } from "../../../variants/feature-map/rfa.ts";
import { taylor } from "../../../variants/feature-map/taylor.ts";
import { examples } from "../../examples.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { describeProblem, nonFinitePlants, problemOf, shapes, withPlants } from "../arbitrary-problems.ts";

const native = createNative();

/** Every map that there is code for. */
const MAPS: readonly (readonly [variant: Variant, params: ValuesOf<Parameters>])[] = [
  [linear, {}],
  [reluLinear, {}],
  [cosformer, {}],
  [cosformer, { horizon: 40 }],
  [hedgehog, {}],
  [dpfp, { nu: 1 }],
  [dpfp, { nu: 3 }],
  [taylor, {}],
  [taylor, { project: 5 }],
  [rfa, { features: 40 }],
  [rfa, { features: 9, tau: 0.1 }],
  [performer, { features: 40 }],
  [performer, { features: 3 }],
];

/** Calls of each sort of state, by name. */
const KEPT: readonly (readonly [name: string, make: (shape: Shape) => JudgedProblem])[] = [
  ["elu+1", (shape) => of(linear, {}, shape, true)],
  ["FAVOR+", (shape) => of(performer, { features: 20 }, shape, true)],
  ["FAVOR+ with large q and k", (shape) => grown(of(performer, { features: 20 }, shape, true), 6)],
];

const problems = fc
  .tuple(fc.constantFrom(...MAPS), shapes, fc.boolean(), fc.nat())
  .map(([[variant, params], shape, causal, seed]) => of(variant, params, shape, causal, seed))
  .filter((problem) => native.supports(problem) === true);

describe.skipIf(native.unavailable?.() !== null)("linear attention in machine code", () => {
  it("is right in every row of any map and shape", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const failure = failureInAnyRow(problem, native);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(),
    );
  });

  it.each([false, true])("is right over several segments, causal: %s", (causal) => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 660, headDim: 5, valueDim: 18 });
    for (const [variant, params] of MAPS) {
      expect(failureInAnyRow(of(variant, params, shape, causal), native)).toBeNull();
    }
  });

  it("lets a token that is not finite reach no row before it", () => {
    fc.assert(
      fc.property(problems, nonFinitePlants, fc.nat(), (problem, plants, from) => {
        const { shape, inputs } = problem;
        const { length } = shape;
        fc.pre(problem.causal);
        const row = from % length;
        const whole = outputOf(problem);
        // Only what lies in tokens from `row` on stays planted.
        const planted = withPlants(problem, plants);
        const kept = { ...planted.inputs };
        for (const name of ["q", "k", "v"] as const) {
          const { rows, width } = layoutOf(shape, name);
          kept[name] = planted.inputs[name].map((value, at) =>
            Math.floor(at / width) % rows < row ? inputs[name][at] : value,
          );
        }
        const output = outputOf({ ...planted, inputs: kept });
        const layout = layoutOf(shape, "output");
        for (let entry = 0; entry < shape.batch; entry++) {
          for (let head = 0; head < shape.heads; head++) {
            const [start, end] = [0, row].map((at) => offsetIn(layout, entry, head, at));
            expect(unequal(output.subarray(start, end), whole.subarray(start, end))).toBe(0);
          }
        }
      }),
      examples(),
    );
  });

  it.each(KEPT)("gives rows of a causal call whose bits depend on no later token: %s", (_, make) => {
    const problem = make(shapeOf({ batch: 1, heads: 1, length: 700, headDim: 8 }));
    const { shape } = problem;
    const whole = outputOf(problem);
    for (const length of [1, 16, 63, 65, 130, 641]) {
      const shorter = shapeOf({ ...shape, length, queries: length });
      const cut = (from: Float32Array): Float32Array => from.slice(0, elementCount(shorter));
      const [q, k, v] = [problem.inputs.q, problem.inputs.k, problem.inputs.v].map(cut);
      const inputs = { ...problem.inputs, shape: shorter, q, k, v };
      const output = outputOf({ ...problem, shape: shorter, inputs });
      expect(unequal(output, whole.slice(0, elementCount(shorter)))).toBe(0);
    }
  });

  it.each(KEPT)("gives the same bits on several threads: %s", (_, make) => {
    const problem = make(shapeOf({ batch: 1, heads: 3, kvHeads: 1, length: 1400, headDim: 8 }));
    for (const causal of [false, true]) {
      const one = outputOf({ ...problem, causal });
      expect(unequal(outputOf({ ...problem, causal, threads: 3 }), one)).toBe(0);
    }
  });

  it.each([6, 300])(
    "is right where the exponents of FAVOR+ are raised within chunks: q and k %d times normal",
    (times) => {
      for (const causal of [false, true]) {
        const shape = shapeOf({ batch: 1, heads: 1, length: 150, headDim: 16 });
        const problem = grown(of(performer, { features: 40 }, shape, causal), times);
        expect(failureInAnyRow(problem, native)).toBeNull();
      }
    },
  );

  it("expands as many channels as it says, and says so of more", () => {
    const supports = (project: number): string | true =>
      native.supports(of(taylor, { project }, shapeOf({ batch: 1, heads: 1, length: 4, headDim: 4 }), false));
    expect(supports(256)).toBe(true);
    expect(supports(257)).toBe("it expands at most 256 channels, got 257");
  });

  it("says which maps it does not make", () => {
    const other = {
      kind: "featureMap",
      feature: { id: "square", phi: (x: number) => x * x },
      epsilon: 0,
    } as const;
    const problem = of(linear, {}, shapeOf({ batch: 1, heads: 1, length: 4, headDim: 4 }), false);
    expect(native.supports({ ...problem, mechanism: other })).toBe(
      "of elementwise feature maps it knows elu+1 and relu, got square",
    );
  });
});

function of(
  variant: Variant,
  params: ValuesOf<Parameters>,
  shape: Shape,
  causal: boolean,
  seed = 1,
): JudgedProblem {
  return problemOf(parameterize(variant, params).mechanism, shape, causal, "gaussian", seed);
}

/** The same with normal q and k, this many times. */
function grown(problem: JudgedProblem, times: number): JudgedProblem {
  const random = randomStream(3, times);
  const tensor = (name: "q" | "k"): Float32Array =>
    Float32Array.from({ length: elementCount(problem.shape, name) }, () => times * random.gaussian());
  return { ...problem, inputs: { ...problem.inputs, q: tensor("q"), k: tensor("k") } };
}

/** How many numbers differ, NaN being like NaN. */
function unequal(one: Float32Array, other: Float32Array): number {
  return one.filter((value, at) => !Object.is(value, other[at])).length + Math.abs(one.length - other.length);
}

function outputOf(problem: JudgedProblem): Float32Array {
  const output = guardedOutput(elementCount(problem.shape, "output")).fill(Number.NaN);
  const runnable = native.prepare(problem, output);
  runnable.run();
  runnable.dispose();
  return output;
}
