import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { shapeOf, type UsualShape } from "../../../src/core/shape.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { isRecurrence, type Recurrence } from "../../../src/mechanisms/recurrence/declare.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { examples } from "../../examples.ts";
import { leastWorkOf } from "../../mechanisms/judge.ts";
import { describeProblem, nonFinitePlants, problemOf, withPlants } from "../arbitrary-problems.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import { extremes, recurrenceProblems, withExtremes } from "../recurrence-problems.ts";
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

const gatedDelta = mechanismOf("gated-delta");

/** Every variant, and what a call may be given instead of what is made of k. */
const FORMS: ReadonlyArray<readonly [name: string, mechanism: Mechanism]> = [
  ...recurrences.map(({ id }) => [id, mechanismOf(id)] as const),
  ["ssd with a skip", mechanismOf("ssd", { skip: 0.5 })],
  ["given decays of tokens", given(gatedDelta, { g: "token", beta: "token" })],
  ["given decays of channels", given(mechanismOf("kda"), { g: "channel" })],
  ["given decays of channels and nothing erased", given(mechanismOf("gla"), { g: "channel" })],
  ["given steps", given(mechanismOf("ssd"), { dt: "token" })],
  ["given steps of channels", given(stepped("channel"), { dt: "token" })],
  ["steps of channels", stepped("channel")],
  ["what erases before the decay", erasing({ erase: "before-decay", unit: "both" })],
];

/** Each width is another text of WGSL, which takes its time to compile. */
const WIDTHS = { headDim: 7, valueDim: 5 } as const;

describe.skipIf(noDevice)(`recurrences on a device${whyNoDevice}`, () => {
  const golden = goldenCases.filter(({ problem }) => isRecurrence(problem.mechanism));

  it.each(golden)("are within the gate's budget of the golden vectors in every row: $title", async (one) => {
    expect(await failureInAnyRow(one.problem, goldenReference(one))).toBeNull();
  });

  it.each(FORMS)(
    "are right in every row on both sides of a segment: %s",
    async (_name, mechanism) => {
      for (const length of [1, 63, 64, 65, 129, 300]) {
        await expectRight(of(mechanism, { length, heads: 2, batch: 2, ...WIDTHS }));
      }
    },
    600_000,
  );

  it.each(["gla", "kda", "rwkv7"])(
    "are right with more columns than a workgroup has, and more channels than a tile: %s",
    async (id) => {
      for (const [headDim, valueDim] of [
        [4, 70],
        [130, 8],
      ]) {
        await expectRight(of(mechanismOf(id), { length: 140, headDim, valueDim }));
      }
    },
    600_000,
  );

  it("are right whatever decays, writes, erases and reads", async () => {
    await fc.assert(
      fc.asyncProperty(recurrenceProblems, async ({ mechanism, shape }) => {
        await expectRight(problemOf(mechanism, { ...shape, ...WIDTHS }, true));
      }),
      examples(60),
    );
  });

  it("are right where gates are 0 and 1, decays underflow, keys are zero or all the same", async () => {
    await fc.assert(
      fc.asyncProperty(problems, extremes, async (problem, ends) => {
        await expectRight(withExtremes(problem, ends));
      }),
      examples(100),
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
      examples(100),
    );
  });

  it("give the same bits in every call, also after one on NaN", async () => {
    for (const id of ["gla", "kda"]) {
      const problem = of(mechanismOf(id), { length: 200, ...WIDTHS });
      const right = await outputOf(problem);
      const { q, k, v } = problem.inputs;
      const kept = [q, k, v].map((tensor) => tensor.slice());
      const runnable = await preparedCall(problem);
      for (const tensor of [q, k, v]) tensor.fill(Number.NaN);
      await called(runnable);
      for (const [index, tensor] of [q, k, v].entries()) tensor.set(kept[index]);
      expect(await called(runnable)).toEqual(right);
      expect(await called(runnable)).toEqual(right);
      runnable.dispose();
    }
  });

  it("take halves of rows that are whole fours, gates of all kinds too, and say why not others", async () => {
    const given16 = given(gatedDelta, { g: "token", beta: "token" });
    for (const mechanism of [mechanismOf("kda"), mechanismOf("rwkv7"), mechanismOf("ssd"), given16]) {
      const problem = inFloat16(of(mechanism, { length: 150, heads: 2, headDim: 8, valueDim: 12 }));
      expect(webgpu.supports(problem)).toBe(true);
      expect([describeProblem(problem), await failureInAnyRow(problem)]).toEqual([
        describeProblem(problem),
        null,
      ]);
    }
    expect(webgpu.supports(inFloat16(of(mechanismOf("gla"), { length: 9, ...WIDTHS })))).toBe(
      "in float16 it takes rows that are multiples of 4 wide, got 7",
    );
  });

  it("count steps of whole workgroups, and no less than the mathematics takes", async () => {
    const flops = async (id: string, length: number): Promise<number> => {
      const problem = of(mechanismOf(id), { length, headDim: 8, valueDim: 8, heads: 3 });
      const runnable = await preparedCall(problem);
      const { executedFlops } = runnable;
      runnable.dispose();
      expect(executedFlops).toBeGreaterThanOrEqual(leastWorkOf(problem).flops);
      return (executedFlops ?? 0) / 3;
    };
    // 64 columns of 8 channels: a decay, a product and a sum to write, and as many to read.
    expect(await flops("retention", 64)).toBe(64 * 64 * 8 * 5);
    expect(await flops("retention", 70)).toBe(64 * 8 * (70 * 5 + 64 * 3 + 2));
    // What is erased is read and written as well, segments leave a matrix, and a token's gate is a product with its key.
    expect(await flops("delta", 70)).toBe(64 * 8 * (70 * 7 + 2 * 64 * 5 + 2 * 8) + 70 * 2 * 8);
    // Gates of 64 channels, in 16 terms.
    expect(await flops("gla", 64)).toBe(64 * 64 * 8 * 5 + 2 * 64 * 64 * 16);
  });

  it("are refused where the device does not bind what they keep, by its name and size", () => {
    const most = theDevice().gpu.limits.maxStorageBufferBindingSize;
    // Gates of channels come in whole fours, q does not.
    const length = Math.ceil(most / 32) + 1;
    const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 5 });
    const task = { mechanism: mechanismOf("gla"), shape, causal: true, threads: 1 };
    expect(webgpu.supports(task)).toBe(
      `gates of channels takes ${length * 32} bytes, and the device binds ${most} at once`,
    );
  });

  it("say which heads are too wide for them, and that only a whole token has a bonus", () => {
    expect(webgpu.supports(of(mechanismOf("gla"), { length: 9, headDim: 257 }))).toBe(
      "it takes heads up to 256 wide, got 257",
    );
    expect(webgpu.supports(of(erasing({ erase: "after-decay", bonus: 0.5 }), { length: 9 }))).toBe(
      "a token with a bonus must be written whole, and erase nothing",
    );
  });
});

function of(mechanism: Mechanism, shape: Partial<UsualShape>): JudgedProblem {
  return problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 1, headDim: 8, ...shape }), true);
}

async function expectRight(problem: JudgedProblem): Promise<void> {
  expect([describeProblem(problem), await failureInAnyRow(problem)]).toEqual([
    describeProblem(problem),
    null,
  ]);
}

/** A mechanism with the gates of a call. */
function given(mechanism: Mechanism, gates: Parameters<typeof builtInKinds.under>[1]["gates"]): Mechanism {
  return builtInKinds.under({ mechanism }, { gates }).mechanism;
}

/** Gated DeltaNet with something else in it. */
function erasing(other: Partial<Recurrence>): Mechanism {
  return { ...gatedDelta, ...other };
}

/** Steps of which decays and writes are both made. */
function stepped(per: "token" | "channel"): Mechanism {
  const drawn = { stream: "test/steps", seed: 5 };
  return { ...mechanismOf("ssd"), ...{ decay: { form: "softplus", per, ...drawn } } };
}

const problems: fc.Arbitrary<JudgedProblem> = fc
  .record({
    form: fc.constantFrom(...FORMS),
    batch: fc.integer({ min: 1, max: 2 }),
    heads: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 200 }),
    seed: fc.nat(),
  })
  .map(({ form: [, mechanism], seed, ...shape }) =>
    problemOf(mechanism, shapeOf({ ...shape, ...WIDTHS }), true, "gaussian", seed),
  );
