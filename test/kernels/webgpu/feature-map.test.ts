import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { randomStream } from "../../../src/core/random.ts";
import { elementCount, overTokens, type Shape, shapeOf, type UsualShape } from "../../../src/core/shape.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { examples } from "../../examples.ts";
import { leastWorkOf } from "../../mechanisms/judge.ts";
import { describeProblem, nonFinitePlants, problemOf, withPlants } from "../arbitrary-problems.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import {
  called,
  failureInAnyRow,
  failureWhereFinite,
  inFloat16,
  outputOf,
  preparedCall,
  webgpu,
} from "./judged-call.ts";
import { mechanismOf } from "./linear-mechanisms.ts";
import { noDevice, theDevice, whyNoDevice } from "./test-device.ts";

/** Every map, with parameters that make rows of features end within a tile and within a quad. */
const MAPS: ReadonlyArray<readonly [name: string, mechanism: Mechanism]> = [
  ["elu+1", mechanismOf("linear")],
  ["relu", mechanismOf("relu-linear")],
  ["cosines of positions", mechanismOf("cosformer")],
  ["cosines up to a horizon", mechanismOf("cosformer", { horizon: 90 })],
  ["rolls", mechanismOf("dpfp", { nu: 3 })],
  // Their states are so large that causal segments have several tiles.
  ["many rolls", mechanismOf("dpfp", { nu: 19 })],
  ["softmaxes over channels", mechanismOf("hedgehog")],
  ["a Taylor expansion", mechanismOf("taylor")],
  ["a Taylor expansion of projected channels", mechanismOf("taylor", { project: 5 })],
  ["circles", mechanismOf("rfa", { features: 21 })],
  ["positive random features", mechanismOf("performer", { features: 70 })],
];

/** Each width is another text of WGSL, which takes its time to compile: there are these, and no others. */
const WIDTHS = { headDim: 7, valueDim: 5 } as const;

const BOTH = [false, true];

describe.skipIf(noDevice)(`feature maps on a device${whyNoDevice}`, () => {
  const golden = goldenCases.filter(({ problem }) => isFeatureMap(problem.mechanism));

  it.each(golden)("are within the gate's budget of the golden vectors in every row: $title", async (one) => {
    expect(await failureInAnyRow(one.problem, goldenReference(one))).toBeNull();
  });

  it.each(MAPS)(
    "are right in every row on both sides of a tile, whatever queries and heads there are: %s",
    async (_name, mechanism) => {
      for (const causal of BOTH) {
        for (const shape of [
          { length: 1 },
          { length: 63 },
          { length: 64, kvHeads: 1 },
          { length: 65, queries: 30 },
          { length: 129, queries: 1 },
          { length: 70, queries: 200, kvHeads: 1 },
          { length: 300, batch: 2 },
        ]) {
          const problem = of(mechanism, { heads: 2, ...WIDTHS, ...shape }, causal);
          expect([describeProblem(problem), await failureInAnyRow(problem)]).toEqual([
            describeProblem(problem),
            null,
          ]);
        }
      }
    },
    600_000,
  );

  it.each(BOTH)(
    "are right with more columns than a tile has, and more channels, causal: %s",
    async (causal) => {
      for (const [headDim, valueDim] of [
        [12, 70],
        [130, 8],
        [8, 300],
      ]) {
        const problem = of(mechanismOf("linear"), { length: 140, headDim, valueDim }, causal);
        expect([headDim, valueDim, await failureInAnyRow(problem)]).toEqual([headDim, valueDim, null]);
      }
    },
    600_000,
  );

  it("are right on any numbers, heads and tokens", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        expect([describeProblem(problem), await failureInAnyRow(problem)]).toEqual([
          describeProblem(problem),
          null,
        ]);
      }),
      examples(60),
    );
  });

  it("take NaN and infinities where the reference takes them, and nowhere else", async () => {
    await fc.assert(
      fc.asyncProperty(problems, nonFinitePlants, async (problem, plants) => {
        const planted = withPlants(problem, plants);
        expect([describeProblem(planted), await failureWhereFinite(planted)]).toEqual([
          describeProblem(planted),
          null,
        ]);
      }),
      examples(60),
    );
  });

  it("let nothing of a token reach the rows before it", async () => {
    for (const mechanism of [mechanismOf("linear"), mechanismOf("performer", { features: 70 })]) {
      for (const name of ["k", "v"] as const) {
        const problem = of(mechanism, { length: 150, ...WIDTHS }, true);
        // Within a tile, at the end of one, and at the beginning of the next.
        for (const token of [140, 127, 64]) {
          const width = problem.inputs[name].length / 150;
          const tensor = problem.inputs[name].slice();
          tensor.fill(Number.NaN, token * width, (token + 1) * width);
          const planted = { ...problem, inputs: { ...problem.inputs, [name]: tensor } };
          expect([name, token, await failureWhereFinite(planted)]).toEqual([name, token, null]);
        }
      }
    }
  });

  it.each([1, 6, 300])(
    "keep exponents of positive random features that differ by far, with q and k %d times normal",
    async (times) => {
      const mechanism = mechanismOf("performer", { features: 70 });
      for (const causal of BOTH) {
        const problem = grown(of(mechanism, { length: 150, heads: 1, ...WIDTHS }, causal), times);
        expect([causal, await failureInAnyRow(problem)]).toEqual([causal, null]);
      }
    },
    600_000,
  );

  it.each([1, 6, 300])(
    "give rows whose bits depend on no later token, with positive random features of q and k %d times normal",
    async (times) => {
      const mechanism = mechanismOf("performer", { features: 70 });
      const problem = grown(of(mechanism, { length: 150, ...WIDTHS }, true), times);
      const whole = await outputOf(problem);
      for (const length of [1, 63, 101, 129]) {
        const shape = overTokens(problem.shape, length);
        const cut = (name: "q" | "k" | "v") => problem.inputs[name].slice(0, elementCount(shape, name));
        const inputs = { ...problem.inputs, shape, q: cut("q"), k: cut("k"), v: cut("v") };
        const prefix = await outputOf({ ...problem, shape, inputs });
        expect(prefix).toEqual(whole.slice(0, prefix.length));
      }
    },
    600_000,
  );

  it("give the same bits in every call", async () => {
    for (const causal of BOTH) {
      const runnable = await preparedCall(
        of(mechanismOf("performer", { features: 70 }), { length: 200, ...WIDTHS }, causal),
      );
      const first = (await called(runnable)).slice();
      expect(await called(runnable)).toEqual(first);
      runnable.dispose();
    }
  });

  it("keep nothing of a call on NaN", async () => {
    for (const causal of BOTH) {
      const problem = of(mechanismOf("linear"), { length: 200, ...WIDTHS }, causal);
      const right = await outputOf(problem);
      const { q, k, v } = problem.inputs;
      const kept = [q, k, v].map((tensor) => tensor.slice());
      const runnable = await preparedCall(problem);
      for (const tensor of [q, k, v]) tensor.fill(Number.NaN);
      await called(runnable);
      for (const [index, tensor] of [q, k, v].entries()) tensor.set(kept[index]);
      expect(await called(runnable)).toEqual(right);
      runnable.dispose();
    }
  });

  it.each(BOTH)(
    "take halves of rows that are whole fours, and say why not others, causal: %s",
    async (causal) => {
      for (const mechanism of [mechanismOf("linear"), mechanismOf("rfa", { features: 21 })]) {
        const problem = inFloat16(of(mechanism, { length: 150, heads: 2, headDim: 8, valueDim: 12 }, causal));
        expect(webgpu.supports(problem)).toBe(true);
        expect(await failureInAnyRow(problem)).toBeNull();
      }
      expect(webgpu.supports(inFloat16(of(mechanismOf("linear"), { length: 9, ...WIDTHS }, causal)))).toBe(
        "in float16 it takes rows that are multiples of 4 wide, got 7",
      );
    },
    600_000,
  );

  it("count whole tiles, and no less than the mathematics takes", async () => {
    const flops = async (causal: boolean, length: number): Promise<number> => {
      const problem = of(mechanismOf("linear"), { length, headDim: 8, valueDim: 8 }, causal);
      const runnable = await preparedCall(problem);
      const { executedFlops } = runnable;
      runnable.dispose();
      expect(executedFlops).toBeGreaterThanOrEqual(leastWorkOf(problem).flops);
      return executedFlops ?? 0;
    };
    // Features of 16 terms at a time, of 64 in a state; and their totals, which are one column more.
    const sums = (tokens: number): number => 2 * tokens * 64 * (64 + 1);
    const reads = 2 * 64 * 16 * (64 + 1);
    const pairs = 2 * 64 * 64 * (16 + 64 + 1);
    expect(await flops(false, 70)).toBe(sums(80) + 2 * reads);
    expect(await flops(true, 70)).toBe(sums(64) + 2 * reads + 2 * pairs);
    expect(await flops(true, 130)).toBe(sums(128) + 3 * reads + 3 * pairs);
  });

  it("are refused where the device does not bind what they keep; states alone become fewer", () => {
    const most = theDevice().gpu.limits.maxStorageBufferBindingSize;
    const length = Math.ceil(most / 512);
    const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 8 });
    const task = { mechanism: mechanismOf("performer"), shape, causal: true, threads: 1 };
    expect(webgpu.supports(task)).toBe(
      `features of q takes ${length * 1024} bytes, and the device binds ${most} at once`,
    );
    expect(webgpu.supports({ ...task, mechanism: mechanismOf("taylor") })).toBe(true);
  });

  it("say which elementwise map they do not know", () => {
    const unknown = { ...mechanismOf("linear"), feature: { id: "cube", phi: (x: number) => x ** 3 } };
    expect(webgpu.supports(of(unknown, { length: 9 }, false))).toBe(
      "of elementwise feature maps it knows elu+1 and relu, got cube",
    );
  });
});

function of(mechanism: Mechanism, shape: Partial<UsualShape>, causal: boolean): JudgedProblem {
  return problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 1, headDim: 8, ...shape }), causal);
}

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    readers: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 150 }),
    queries: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
  })
  .map(({ readers, ...rest }) => shapeOf({ ...rest, ...WIDTHS, heads: readers * rest.kvHeads }));

const problems: fc.Arbitrary<JudgedProblem> = fc
  .tuple(
    fc.constantFrom(...MAPS.map(([, mechanism]) => mechanism)),
    shapes,
    fc.boolean(),
    fc.constantFrom("gaussian" as const, "peaked" as const, "local" as const),
    fc.nat(),
  )
  .map(([mechanism, shape, causal, kind, seed]) => problemOf(mechanism, shape, causal, kind, seed));

/** The same with normal q and k, this many times. */
function grown(problem: JudgedProblem, times: number): JudgedProblem {
  const random = randomStream(3, times);
  const tensor = (name: "q" | "k"): Float32Array =>
    Float32Array.from({ length: elementCount(problem.shape, name) }, () => times * random.gaussian());
  return { ...problem, inputs: { ...problem.inputs, q: tensor("q"), k: tensor("k") } };
}
