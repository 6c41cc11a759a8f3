import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { everyRow } from "../../../src/core/rows.ts";
import {
  elementCount,
  layoutOf,
  offsetIn,
  type Shape,
  shapeOf,
  type UsualShape,
} from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { supportsPass } from "../../../src/kernels/supports-mode.ts";
import { type PairsLimits, preparePairs } from "../../../src/kernels/webgpu/pairs/prepare.ts";
import { tileSizeFor } from "../../../src/kernels/webgpu/pairs/tile-size.ts";
import { type JudgedProblem, reads } from "../../../src/mechanisms/judged.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../../src/pairwise/bind-biases.ts";
import { causal } from "../../../src/pattern/causal.ts";
import { randomBlocks } from "../../../src/pattern/random-blocks.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { whileHard } from "../../../src/verify/hard-inputs.ts";
import { examples } from "../../examples.ts";
import { ofPattern, reference, workOf } from "../../mechanisms/judge.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";
import {
  describeProblem,
  isDefined,
  nonFinitePlants,
  problemOf,
  problemsFor,
  withPlants,
} from "../arbitrary-problems.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import { attendsNothing, everyThirdRow, strictPast } from "../hand-written-patterns.ts";
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

/** Each width is another text of WGSL, which takes its time to compile: there are these, and few others. */
const WIDTHS = { headDim: 8, valueDim: 8 } as const;

const BOTH = [false, true];

describe.skipIf(noDevice)(`pairs on a device${whyNoDevice}`, () => {
  const golden = goldenCases.filter(
    ({ problem }) => isSoftmaxPattern(problem.mechanism) && problem.mechanism.score === undefined,
  );

  it.each(golden)(
    "are within the gate's budget of the golden vectors in every row: $title",
    async (one) => {
      expect(await failureInAnyRow(one.problem, goldenReference(one))).toBeNull();
    },
    600_000,
  );

  // What properties draw is compiled before their time begins.
  beforeAll(async () => {
    for (const normaliser of ["none", "relu", "sigmoid"]) {
      for (const bias of ["none", "alibi"]) {
        const problem = of(mechanismOf("longformer", { normaliser, bias }), { length: 70, ...WIDTHS }, true);
        (await preparedCall(problem)).dispose();
      }
    }
  });

  it("are right in every row for any pattern, parameters, forms, heads and tokens", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        await expectRight(problem);
      }),
      examples(300),
    );
  }, 600_000);

  it("are right in every row for any pattern of the algebra", async () => {
    await fc.assert(
      fc.asyncProperty(ofAlgebra, async (problem) => {
        await expectRight(problem);
      }),
      examples(200),
    );
  }, 600_000);

  it("are right where rows end within fours, and values are as wide as several blocks and slabs", async () => {
    for (const [headDim, valueDim] of [
      [7, 5],
      [70, 130],
      [8, 300],
    ]) {
      await expectRight(of(mechanismOf("local", { window: 40 }), { length: 140, headDim, valueDim }, true));
    }
  });

  it("are right in tiles for devices with little workgroup memory", async () => {
    for (const past of BOTH) {
      for (const id of ["longformer", "bigbird", "full"]) {
        const problem = of(mechanismOf(id), { length: 333, heads: 2, kvHeads: 1, ...WIDTHS }, past);
        expect(await failureWithin(problem, { ...LIMITS, size: tileSizeFor(16_384) })).toBeNull();
      }
    }
  });

  it("are right where the parts of a few slices alone have room", async () => {
    const problem = of(mechanismOf("longformer"), { batch: 3, heads: 2, length: 200, ...WIDTHS }, true);
    expect(await failureWithin(problem, { ...LIMITS, partBytes: 1 })).toBeNull();
  });

  it("write zeros to rows that attend nothing", async () => {
    for (const pattern of [attendsNothing, strictPast, everyThirdRow, causal(randomBlocks(16, 1, 3))]) {
      const problem = of(ofPattern(pattern), { length: 140, heads: 2, ...WIDTHS }, false);
      await expectRight(problem);
      const output = await outputOf(problem);
      const layout = layoutOf(problem.shape, "output");
      const bound = reads(problem);
      for (const { batch, head, row } of everyRow(problem.shape)) {
        if (bound[head].intervals(row).length > 0) continue;
        const at = offsetIn(layout, batch, head, row);
        expect([...output.subarray(at, at + layout.width)]).toEqual(Array(layout.width).fill(0));
      }
    }
  });

  it("stay right where scores run to several hundred, of either sign, or are all far below 0", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.constantFrom(100, -300), async (problem, factor) => {
        const { inputs } = problem;
        await expectRight({ ...problem, inputs: { ...inputs, q: inputs.q.map((one) => one * factor) } });
      }),
      examples(60),
    );
    for (const past of BOTH) {
      for (const id of ["full", "local", "longformer"]) {
        const problem = of(mechanismOf(id), { length: 127, heads: 2, ...WIDTHS }, past);
        for (const hardness of ["low scores", "large scores", "empty tokens"] as const) {
          let hard: JudgedProblem | null = null;
          whileHard(problem, hardness, () => {
            hard = copied(problem);
          });
          await expectRight(hard ?? problem);
        }
      }
    }
  }, 600_000);

  it("take NaN and infinities where the reference takes them, and nowhere else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(problems, ofAlgebra), nonFinitePlants, async (problem, plants) => {
        const planted = withPlants(problem, plants);
        expect([describeProblem(planted), await failureWhereFinite(planted)]).toEqual([
          describeProblem(planted),
          null,
        ]);
      }),
      examples(200),
    );
  }, 600_000);

  it("give keys of logit minus infinity no weight, wherever in a row they lie", async () => {
    await fc.assert(
      fc.asyncProperty(ofAlgebra, fc.nat(140), async (problem, from) => {
        const { length, headDim } = problem.shape;
        const changed = copied(problem);
        const { q, k } = changed.inputs;
        for (let at = 0; at < q.length; at += headDim) q[at] = 1;
        for (let at = 0; at < k.length; at += headDim) {
          if ((((at / headDim) % length) + from) % 140 < 70) k[at] = Number.NEGATIVE_INFINITY;
        }
        expect(await failureWhereFinite(changed)).toBeNull();
      }),
      examples(100),
    );
  }, 600_000);

  it("give the same bits in every call", async () => {
    for (const past of BOTH) {
      const runnable = await preparedCall(
        of(mechanismOf("longformer"), { length: 500, heads: 2, ...WIDTHS }, past),
      );
      const first = (await called(runnable)).slice();
      for (let call = 0; call < 3; call++) expect(await called(runnable)).toEqual(first);
      runnable.dispose();
    }
  });

  it("keep nothing of a call on NaN", async () => {
    const problem = of(mechanismOf("longformer"), { length: 200, ...WIDTHS }, true);
    const right = await outputOf(problem);
    const changing = copied(problem);
    const runnable = await preparedCall(changing);
    for (const name of ["q", "k", "v"] as const) changing.inputs[name].fill(Number.NaN);
    await called(runnable);
    for (const name of ["q", "k", "v"] as const) changing.inputs[name].set(problem.inputs[name]);
    expect(await called(runnable)).toEqual(right);
    runnable.dispose();
  });

  it("add what a layer has learned by the time of the call", async () => {
    for (const id of ["t5-bias", "full"]) {
      const mechanism = id === "full" ? mechanismOf(id, { bias: "window:5:3:1" }) : mechanismOf(id);
      const problem = of(mechanism, { length: 70, heads: 3, ...WIDTHS }, true);
      const runnable = await preparedCall(problem);
      const before = (await called(runnable)).slice();
      tensorNamed(problem.inputs, BIAS_TABLE).fill(3, 0, 9);
      const after = await called(runnable);
      expect(after).not.toEqual(before);
      const expected = expectation(problem, reference(problem), everyRow(problem.shape), 0);
      expect(expected.compare(after).failure).toBeNull();
      runnable.dispose();
    }
  });

  it("take halves of rows that are whole fours, turned and biased ones too, and say why not others", async () => {
    for (const mechanism of [
      mechanismOf("longformer"),
      mechanismOf("rope"),
      mechanismOf("full", { turn: "rope:half:50", bias: "window:5:3:1", normaliser: "sigmoid" }),
    ]) {
      const problem = inFloat16(of(mechanism, { length: 150, heads: 2, headDim: 8, valueDim: 12 }, true));
      expect(supportsPass(webgpu, problem)).toBe(true);
      expect([describeProblem(problem), await failureInAnyRow(problem)]).toEqual([
        describeProblem(problem),
        null,
      ]);
    }
    const odd = inFloat16(of(mechanismOf("full"), { length: 9, headDim: 7 }, false));
    expect(supportsPass(webgpu, odd)).toBe("in float16 it takes rows that are multiples of 4 wide, got 7");
  });

  it("count whole squares, channels and blocks, and no less than the mathematics takes", async () => {
    const flops = async (mechanism: Mechanism, shape: Partial<UsualShape>): Promise<number> => {
      const problem = of(mechanism, shape, false);
      const runnable = await preparedCall(problem);
      const { executedFlops } = runnable;
      runnable.dispose();
      expect(executedFlops).toBeGreaterThanOrEqual(workOf(problem).usefulFlops);
      return executedFlops ?? 0;
    };
    // 16 channels at a time, and blocks of 32 columns.
    expect(await flops(mechanismOf("full"), { length: 64, ...WIDTHS })).toBe(64 * 64 * (2 * 16 + 2 * 32));
    // The last of 33 rows has squares of its own.
    expect(await flops(mechanismOf("full"), { length: 64, queries: 33, ...WIDTHS })).toBe(
      64 * 64 * (2 * 16 + 2 * 32),
    );
    expect(await flops(mechanismOf("rope"), { length: 64, ...WIDTHS })).toBe(
      64 * 64 * (2 * 16 + 2 * 32) + 3 * 8 * 128,
    );
    expect(await flops(mechanismOf("alibi"), { length: 64, ...WIDTHS })).toBe(
      64 * 64 * (2 * 16 + 1 + 2 * 32),
    );
    // Of one row a square has 32; its three tiles are cut in two, and each part is joined.
    expect(await flops(mechanismOf("full"), { length: 192, queries: 1, ...WIDTHS })).toBe(
      32 * 192 * (2 * 16 + 2 * 32) + 2 * 2 * 8,
    );
  });

  it("say that additive scores are not theirs", () => {
    const problem = of(mechanismOf("gatv2"), { length: 9, ...WIDTHS }, false);
    expect(supportsPass(webgpu, problem)).toMatch(/score/);
  });
});

const LIMITS: PairsLimits = { size: tileSizeFor(32_768), partBytes: 2 ** 28 };

/** What is wrong with a call that was prepared within these limits; null if nothing is. */
async function failureWithin(problem: JudgedProblem, limits: PairsLimits): Promise<string | null> {
  const { mechanism, shape } = problem;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError(`it has no pattern, got ${mechanism.kind}`);
  const output = guardedOutput(elementCount(shape, "output"));
  const means = { device: theDevice(), output };
  const runnable = await preparePairs({ ...problem, mechanism }, means, limits);
  await called(runnable);
  runnable.dispose();
  return expectation(problem, reference(problem), everyRow(shape), 0).compare(output).failure;
}

async function expectRight(problem: JudgedProblem): Promise<void> {
  expect([describeProblem(problem), await failureInAnyRow(problem)]).toEqual([
    describeProblem(problem),
    null,
  ]);
}

function of(mechanism: Mechanism, shape: Partial<UsualShape>, past: boolean): JudgedProblem {
  return problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 1, headDim: 8, ...shape }), past);
}

function copied(problem: JudgedProblem): JudgedProblem {
  const { q, k, v } = problem.inputs;
  return { ...problem, inputs: { ...problem.inputs, q: q.slice(), k: k.slice(), v: v.slice() } };
}

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    readers: fc.integer({ min: 1, max: 2 }),
    length: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(1, 31, 32, 33, 63, 64, 65, 129)),
    queries: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
  })
  .map(({ readers, ...rest }) => shapeOf({ ...rest, ...WIDTHS, heads: readers * rest.kvHeads }));

/** Any softmax attention that the family takes. */
const problems = noDevice
  ? fc.constant(of(ofPattern(attendsNothing), {}, false))
  : problemsFor(webgpu, shapes).filter(({ mechanism }) => isSoftmaxPattern(mechanism));

const ofAlgebra: fc.Arbitrary<JudgedProblem> = fc
  .tuple(algebraWithDraws, shapes, fc.boolean())
  .map(([pattern, shape, past]) => problemOf(ofPattern(pattern), shape, past))
  .filter((problem) => isDefined(problem) && !(problem.causal && isNeverCausal(problem)));

function isNeverCausal({ mechanism }: JudgedProblem): boolean {
  return isSoftmaxPattern(mechanism) && mechanism.pattern.neverCausal === true;
}
