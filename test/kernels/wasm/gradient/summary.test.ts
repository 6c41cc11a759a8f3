import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { GradientPass } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { countOf, type Shape, shapeOf } from "../../../../src/core/shape.ts";
import { tensorNamed } from "../../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../../src/core/variant.ts";
import { guardedOutput, type Runnable } from "../../../../src/kernels/kernel.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import { isSummary } from "../../../../src/mechanisms/summary/declare.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../../src/verify/gradient-rows.ts";
import { prepareCase } from "../../../../src/verify/prepare-case.ts";
import { clustered } from "../../../../variants/low-rank/clustered.ts";
import { efficient } from "../../../../variants/low-rank/efficient.ts";
import { induced } from "../../../../variants/low-rank/induced.ts";
import { lara } from "../../../../variants/low-rank/lara.ts";
import { linformer } from "../../../../variants/low-rank/linformer.ts";
import { nystrom } from "../../../../variants/low-rank/nystrom.ts";
import { pooled } from "../../../../variants/low-rank/pooled.ts";
import { sinkhorn } from "../../../../variants/low-rank/sinkhorn.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { reference } from "../../../mechanisms/judge.ts";
import { describeProblem, problemOf, problemsFor } from "../../arbitrary-problems.ts";
import { expectSameBits, expectSameInDirtyPlace, gradientsOf } from "./gradients-of.ts";

const wasm = createWasm("auto");
const passes = fc.constantFrom<GradientPass>("backward", "train");

const summaries: Arbitrary<JudgedProblem> = problemsFor(wasm).filter(
  (problem) => isSummary(problem.mechanism) && wasm.supports(gradientOf(problem)) === true,
);

/** Every step that has a way back, over more rows than one segment has, and more keys than stay open. */
const LONG: ReadonlyArray<
  readonly [Variant, Record<string, number | boolean>, Partial<Shape> & { readonly causal?: boolean }]
> = [
  [linformer, { features: 37 }, {}],
  [linformer, { features: 150, shared: true }, { heads: 2, kvHeads: 1, valueDim: 7, length: 300 }],
  [pooled, { ratio: 3, mass: true }, { headDim: 19 }],
  [pooled, { ratio: 5 }, { causal: true }],
  [pooled, { ratio: 1 }, { causal: true, length: 930, headDim: 5, valueDim: 3 }],
  [nystrom, { landmarks: 50, conv: 33 }, { heads: 2, kvHeads: 1 }],
  [nystrom, { landmarks: 20, conv: 4 }, { valueDim: 20 }],
  [nystrom, { landmarks: 5000 }, { length: 1040, headDim: 4, valueDim: 5 }],
  [induced, { points: 51, depth: 2 }, { batch: 2, headDim: 8 }],
  [induced, { points: 200 }, { headDim: 9 }],
  [efficient, {}, { headDim: 21, valueDim: 9 }],
  [lara, { landmarks: 20 }, { heads: 2, kvHeads: 1 }],
  [clustered, { clusters: 20 }, {}],
];
const longProblems: readonly JudgedProblem[] = LONG.map(([variant, values, { causal = false, ...shape }]) =>
  problemOf(
    parameterize(variant, values).mechanism,
    shapeOf({ batch: 1, heads: 1, length: 700, headDim: 16, ...shape }),
    causal,
  ),
);
const longCases = longProblems.map((plain) => ({ what: describeProblem(plain), plain }));

function failureOf(problem: JudgedProblem, output: Float32Array): string | null {
  return expectation(problem, reference(problem), everyRowOf(problem), 0).compare(output).failure;
}

function preparedOf(problem: JudgedProblem): Runnable {
  return wasm.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
}

/** One tensor of an output. */
function tensorOf(problem: JudgedProblem, output: Float32Array, name: string): Float32Array {
  const found = outputsOf(problem).find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`test: there is no ${name}`);
  return output.subarray(found.offset, found.offset + countOf(found.layout));
}

describe("the gradient of summaries in the wasm family", () => {
  it.each<GradientPass>(["backward", "train"])(
    "is that of the oracle in every row: %s",
    (pass) => {
      fc.assert(
        fc.property(summaries, fc.nat(), (plain, seed) => {
          const problem = gradientOf(plain, pass, seed);
          const failure = failureOf(problem, gradientsOf(problem, wasm));
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 60 },
      );
    },
    600_000,
  );

  it.each(["plain", "relaxed"] as const)(
    "is that of the oracle in every row of the build %s",
    (simd) => {
      const narrow = createWasm(simd);
      fc.assert(
        fc.property(summaries, (plain) => {
          const problem = gradientOf(plain);
          const failure = failureOf(problem, gradientsOf(problem, narrow));
          if (failure !== null) expect(`${describeProblem(plain)}: ${failure}`).toBeNull();
        }),
        { numRuns: 20 },
      );
    },
    600_000,
  );

  it.each(longCases)(
    "adds up segments, and has the same bits on any number of threads: $what",
    ({ plain }) => {
      const problem = gradientOf(plain, "train");
      const output = gradientsOf(problem, wasm);
      const places = rowsToCheck(problem, 1);
      expect(expectation(problem, reference(problem), places, 0).compare(output).failure).toBeNull();
      for (const threads of [2, 3]) expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), output);
    },
    600_000,
  );

  it.each(longCases)("has the same bits from what was saved as in training: $what", ({ plain }) => {
    const [saved, trained] = (["backward", "train"] as const).map((pass) => gradientOf(plain, pass));
    const [back, both] = [saved, trained].map((problem) => gradientsOf(problem, wasm));
    for (const { name } of outputsOf(saved)) {
      expectSameBits(tensorOf(saved, back, name), tensorOf(trained, both, name));
    }
  });

  it.each(longCases)("executes no less than is useful, in training: $what", ({ plain }) => {
    const problem = gradientOf(plain, "train");
    const runnable = preparedOf(problem);
    // Means that heads share are made by each, and clusters are counted by what they may be.
    const { usefulFlops } = problem.kind.work(problem);
    expect(runnable.executedFlops).toBeGreaterThanOrEqual(usefulFlops * 0.999);
    runnable.dispose();
  });

  it.each([
    [16, "wide"],
    [8, "relaxed"],
  ] as const)("counts the five products of whole panels of %i keys", (columns, simd) => {
    const shape = shapeOf({ batch: 2, heads: 1, length: 96, headDim: 20, valueDim: 9 });
    const problem = gradientOf(problemOf(parameterize(pooled, { ratio: 4 }).mechanism, shape, false));
    const runnable = createWasm(simd).prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
    const whole = (count: number): number => Math.ceil(count / columns) * columns;
    // Of 24 means of keys; the sums of what queries bring to them are of one segment, and are added to nothing.
    const opened = 2 * 96 * whole(24) * (20 + 9);
    const added = 2 * 96 * 24 * (2 * whole(20) + whole(9));
    const joined = 24 * (whole(20) + whole(9));
    const shared = 2 * 96 * (20 + 9);
    expect(runnable.executedFlops).toBe(2 * (opened + added + joined + shared));
    runnable.dispose();
  });

  it("has the same bits over scratch that is full of anything, and writes nothing behind it", () => {
    fc.assert(
      fc.property(summaries, passes, (plain, pass) => {
        const problem = gradientOf(plain, pass);
        expectSameInDirtyPlace(wasm, problem);
      }),
      { numRuns: 40 },
    );
  });

  it("stays green at the gate, with hard numbers, and what was saved put back", async () => {
    await fc.assert(
      fc.asyncProperty(summaries, passes, async (plain, pass) => {
        const problem = gradientOf(plain, pass);
        const result = await prepareCase(problem, wasm, {
          places: rowsToCheck(problem, 1),
          fullRows: null,
          seed: 1,
          output: guardedOutput(outputCount(outputsOf(problem))),
          second: null,
          now: () => 0,
        });
        if (result.outcome === "red") expect(`${describeProblem(plain)}: ${result.reason}`).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  // By segments of keys, by more than one of them, and by rows.
  it.each([
    [40, 20, 7],
    [40, 32, 8],
    [40, 8, 20],
    [700, 9, 4],
    [12, 20, 5],
  ])(
    "keeps the digits of large keys that are scores themselves: %i tokens, %i and %i channels",
    (length, headDim, valueDim) => {
      const shape = shapeOf({ batch: 1, heads: 1, length, headDim, valueDim });
      for (let seed = 0; seed < (length > 100 ? 5 : 50); seed++) {
        const plain = problemOf(parameterize(efficient, {}).mechanism, shape, false, "gaussian", seed);
        const k = plain.inputs.k.map((x) => 64 * x);
        const problem = gradientOf({ ...plain, inputs: { ...plain.inputs, k } }, "backward", seed);
        const failure = failureOf(problem, gradientsOf(problem, wasm));
        if (failure !== null) expect(`seed ${seed}: ${failure}`).toBeNull();
      }
    },
  );

  it("is exactly zero for queries and keys where a row has one key, whose weight is 1 whatever it is", () => {
    const shape = shapeOf({ batch: 1, heads: 2, length: 40, headDim: 19 });
    const problem = gradientOf(problemOf(parameterize(pooled, { ratio: 40 }).mechanism, shape, false));
    const output = gradientsOf(problem, wasm);
    for (const name of ["dq", "dk"]) {
      expect(tensorOf(problem, output, name).every((x) => x === 0)).toBe(true);
    }
    expect(tensorOf(problem, output, "dv").some((x) => x !== 0)).toBe(true);
  });

  it("keeps what is not a number in a causal call from rows that do not see it, to the bit", () => {
    const [length, headDim, ratio] = [230, 8, 5];
    const shape = shapeOf({ batch: 1, heads: 1, length, headDim });
    const problem = gradientOf(problemOf(parameterize(pooled, { ratio }).mechanism, shape, true));
    const clean = gradientsOf(problem, wasm);
    const cut = 117;
    const spoiled = (name: string, from: number, to: number): Float32Array => {
      const values = tensorNamed(problem.inputs, name)
        .slice()
        .fill(Number.NaN, from * headDim, to * headDim);
      return gradientsOf({ ...problem, inputs: { ...problem.inputs, [name]: values } }, wasm);
    };
    const rowsOf = (output: Float32Array, name: string, from: number, to: number): Float32Array =>
      tensorOf(problem, output, name).subarray(from * headDim, to * headDim);
    // A query sees the blocks that have ended; keys of a block that began before the cut are seen after it.
    const blockEnd = Math.ceil(cut / ratio) * ratio;
    for (const [input, from, to, of, first, end] of [
      ["dout", cut, length, ["dq"], 0, cut],
      ["q", 0, cut, ["dk", "dv"], blockEnd, length],
      ["dout", 0, cut, ["dk", "dv"], blockEnd, length],
      ["k", cut, length, ["dq"], 0, cut],
      ["v", cut, length, ["dq"], 0, cut],
    ] as const) {
      const output = spoiled(input, from, to);
      for (const name of of) {
        expectSameBits(rowsOf(output, name, first, end), rowsOf(clean, name, first, end));
      }
      expect(output.some(Number.isNaN)).toBe(true);
    }
  });

  it("saves two numbers a row of every attention, and what is small", () => {
    const shape = shapeOf({ batch: 2, heads: 3, length: 1000, headDim: 16 });
    const bytesOf = (variant: Variant, values: Record<string, number>): number => {
      const runnable = preparedOf(
        gradientOf(problemOf(parameterize(variant, values).mechanism, shape, false)),
      );
      const bytes = runnable.saved?.().reduce((sum, { byteLength }) => sum + byteLength, 0) ?? 0;
      runnable.dispose();
      return bytes;
    };
    // Of linformer the projected keys and values are kept, too.
    expect(bytesOf(linformer, { features: 32 })).toBe(4 * 6 * (2 * 1000 + 2 * 32 * 16));
    expect(bytesOf(pooled, { ratio: 50 })).toBe(4 * 6 * (2 * 1000 + 2 * 20 * 16));
  });

  it("is refused of what has no way back here, in words", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 8, headDim: 8 });
    const supports = (variant: Variant, values: Record<string, number>, causal = false): true | string =>
      wasm.supports(gradientOf(problemOf(parameterize(variant, values).mechanism, shape, causal)));
    expect(supports(sinkhorn, {})).toBe("it computes no gradient of balanced blocks");
    expect(supports(clustered, { keys: 4 })).toBe("it computes no gradient of improved clusters");
    expect(supports(clustered, { keys: 0 })).toBe(true);
  });
});
