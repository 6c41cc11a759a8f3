import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { elementCount, type Shape, shapeOf, type UsualShape } from "../../../src/core/shape.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { prepareChain } from "../../../src/kernels/webgpu/summary/chain.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { isSummary } from "../../../src/mechanisms/summary/declare.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { examples } from "../../examples.ts";
import { leastWorkOf, reference } from "../../mechanisms/judge.ts";
import { describeProblem, isDefined, nonFinitePlants, problemOf, withPlants } from "../arbitrary-problems.ts";
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

/** Every chain that the family carries out, with summaries that are no whole tiles. */
const CHAINS: ReadonlyArray<readonly [name: string, mechanism: Mechanism]> = [
  ["linformer", mechanismOf("linformer", { features: 19 })],
  ["nystrom", mechanismOf("nystrom", { landmarks: 11 })],
  ["nystrom with a convolution", mechanismOf("nystrom", { landmarks: 7, conv: 5 })],
  ["pooled", mechanismOf("pooled", { ratio: 4 })],
  ["pooled by mass", mechanismOf("pooled", { ratio: 4, mass: true })],
  ["lara", mechanismOf("lara", { landmarks: 13 })],
  ["efficient", mechanismOf("efficient")],
  ["induced", mechanismOf("induced", { points: 9 })],
];

/** Each width is another text of WGSL for what is attended in tiles: there is this one, and no other. */
const WIDTHS = { headDim: 8, valueDim: 5 } as const;

const of = (mechanism: Mechanism, shape: UsualShape, causal = false, seed = 1): JudgedProblem =>
  problemOf(mechanism, shapeOf(shape), causal, "gaussian", seed);

const isTaken = (problem: JudgedProblem): boolean => isDefined(problem) && webgpu.supports(problem) === true;

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    readers: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 150 }),
    queries: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
  })
  .map(({ kvHeads, readers, ...sizes }) =>
    shapeOf({ ...sizes, ...WIDTHS, heads: kvHeads * readers, kvHeads }),
  );

const problems = fc
  .tuple(fc.constantFrom(...CHAINS), shapes, fc.boolean(), fc.nat())
  .map(([[, mechanism], shape, causal, seed]) => of(mechanism, shape, causal, seed))
  .filter(isTaken);

async function expectRight(problem: JudgedProblem): Promise<void> {
  expect([describeProblem(problem), await failureInAnyRow(problem)]).toEqual([
    describeProblem(problem),
    null,
  ]);
}

describe.skipIf(noDevice)(`chains of summaries on a device${whyNoDevice}`, () => {
  const golden = goldenCases.filter(({ problem }) => isSummary(problem.mechanism) && isTaken(problem));

  it.each(golden)("are within the gate's budget of the golden vectors in every row: $title", async (one) => {
    expect(await failureInAnyRow(one.problem, goldenReference(one))).toBeNull();
  });

  it.each(CHAINS)("are right whatever queries, heads and tokens there are: %s", async (_name, mechanism) => {
    for (const shape of [
      { length: 1 },
      { length: 65 },
      { length: 130, kvHeads: 1, batch: 2 },
      { length: 70, queries: 9 },
    ]) {
      for (const causal of [false, true]) {
        const problem = of(mechanism, { heads: 2, ...WIDTHS, ...shape, batch: shape.batch ?? 1 }, causal);
        if (isTaken(problem)) await expectRight(problem);
      }
    }
  });

  it("are right on any numbers", async () => {
    await fc.assert(fc.asyncProperty(problems, expectRight), examples(60));
  });

  it("take NaN and infinities where the reference takes them, and nowhere else", async () => {
    await fc.assert(
      fc.asyncProperty(problems, nonFinitePlants, async (problem, plants) => {
        const planted = withPlants(problem, plants);
        const failure = await failureWhereFinite(planted);
        expect([describeProblem(planted), failure]).toEqual([describeProblem(planted), null]);
      }),
      examples(60),
    );
  });

  it.each([
    ["whose tokens are summed in parts", mechanismOf("linformer", { features: 19 })],
    ["whose weights are of many tokens", mechanismOf("efficient")],
    ["whose sums of powers are of many tokens", mechanismOf("lara", { landmarks: 13 })],
    ["whose segments are long", mechanismOf("nystrom", { landmarks: 11 })],
  ])(
    "are right in every row of long sequences: %s",
    async (_what, mechanism) => {
      await expectRight(of(mechanism, { batch: 1, heads: 1, length: 2100, ...WIDTHS }));
    },
    600_000,
  );

  it("are right where scores are kept for some rows at a time", async () => {
    const problem = of(mechanismOf("lara", { landmarks: 13 }), { batch: 2, heads: 2, length: 70, ...WIDTHS });
    const { mechanism } = problem;
    if (!isSummary(mechanism)) throw new TypeError("it is a chain");
    const output = guardedOutput(elementCount(problem.shape, "output"));
    // Of rows of 13 scores 9 at a time, and of rows of 70 one.
    const scoreBytes = 4 * 4 * 13 * 9;
    const call = await prepareChain({ ...problem, mechanism }, { device: theDevice(), output }, scoreBytes);
    await called(call);
    call.dispose();
    const expected = expectation(problem, reference(problem), everyRow(problem.shape), 0);
    expect(expected.compare(output).failure).toBeNull();
  });

  it.each(CHAINS)("are right in halves: %s", async (_name, mechanism) => {
    const problem = of(mechanism, { batch: 1, heads: 2, length: 65, headDim: 8 });
    expect(await failureInAnyRow(inFloat16(problem))).toBeNull();
    const odd = { ...problem.shape, headDim: 7 };
    expect(webgpu.supports({ ...problem, shape: odd, dtype: "float16" })).toMatch(
      /multiples of 4 wide, got 7/,
    );
  });

  it("give the same bits in every call, and keep nothing of a call on NaN", async () => {
    for (const [, mechanism] of CHAINS) {
      const problem = of(mechanism, { batch: 1, heads: 2, length: 130, ...WIDTHS });
      const right = await outputOf(problem);
      const runnable = await preparedCall(problem);
      const { q, k, v } = problem.inputs;
      const before = [q, k, v].map((tensor) => tensor.slice());
      for (const tensor of [q, k, v]) tensor.fill(Number.NaN);
      await called(runnable);
      for (const [index, tensor] of [q, k, v].entries()) tensor.set(before[index]);
      expect(await called(runnable)).toEqual(right);
      runnable.dispose();
    }
  });

  it.each(CHAINS)("count no fewer operations than the mathematics takes: %s", async (_name, mechanism) => {
    for (const length of [1, 9, 130, 700]) {
      const problem = of(mechanism, { batch: 1, heads: 2, length, ...WIDTHS });
      const runnable = await preparedCall(problem);
      expect(runnable.executedFlops).toBeGreaterThanOrEqual(leastWorkOf(problem).flops);
      runnable.dispose();
    }
  });

  it("refuse what they do not do, with a reason", () => {
    const shape = { batch: 1, heads: 1, length: 64, headDim: 8 };
    const answer = (mechanism: Mechanism, causal: boolean) => webgpu.supports(of(mechanism, shape, causal));
    expect(answer(mechanismOf("clustered"), false)).toBe("it does no clusters");
    expect(answer(mechanismOf("sinkhorn"), false)).toMatch(/^it does no (balance|mix-blocks|attend-blocks)$/);
    expect(answer(mechanismOf("nystrom"), true)).toMatch(/mixes tokens before and after; omit --causal/);
    expect(answer(mechanismOf("pooled", { mass: true }), true)).toMatch(/with a bias, or by unit vectors/);
  });
});
