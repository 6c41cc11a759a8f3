import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { js } from "../../src/kernels/js/index.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { LEARNED } from "../../src/mechanisms/synthesizer/declare.ts";
import { isDecoded } from "../../src/mechanisms/why-undefined.ts";
import { aftFull } from "../../variants/mixing/aft-full.ts";
import { aftLocal } from "../../variants/mixing/aft-local.ts";
import { aftSimple } from "../../variants/mixing/aft-simple.ts";
import { mixing } from "../../variants/mixing/index.ts";
import { synthesizerDense } from "../../variants/mixing/synthesizer-dense.ts";
import { synthesizerRandom } from "../../variants/mixing/synthesizer-random.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";

const kernels = [js, createWasm("auto")];

function problemOf(
  variant: Variant,
  overrides: Readonly<Record<string, unknown>>,
  { length, causal = false, headDim = 8 }: { length: number; causal?: boolean; headDim?: number },
): JudgedProblem {
  const filled = builtInKinds.judged(parameterize(variant, overrides));
  const shape = shapeOf({ batch: 1, heads: 2, length, headDim });
  const inputs = withNamed(filled, syntheticSource("gaussian", 3).inputs(shape), 3);
  return { ...filled, shape, causal, threads: 1, inputs };
}

describe("the operations of a head", () => {
  const flopsOf = (
    variant: Variant,
    overrides: Readonly<Record<string, unknown>>,
    causal = false,
  ): number => {
    const problem = problemOf(variant, overrides, { length: 100, causal });
    return problem.kind.work(problem).usefulFlops / 2;
  };
  const [pairs, half, d] = [100 ** 2, (100 * 101) / 2, 8];

  it("of synthesizers are those of the values, of the logits that are products, and of the hidden queries", () => {
    expect(flopsOf(synthesizerRandom, {})).toBe(2 * d * pairs);
    expect(flopsOf(synthesizerRandom, { rank: 5 }, true)).toBe((2 * d + 2 * 5) * half);
    expect(flopsOf(synthesizerDense, {})).toBe(2 * 100 * d ** 2 + 4 * d * pairs);
  });

  it("of attention-free transformers are two products and that of the biases, or four a number of k", () => {
    expect(flopsOf(aftFull, { rank: 5 })).toBe((4 * d + 2 * 5) * pairs);
    expect(flopsOf(aftFull, { rank: 5 }, true)).toBe((4 * d + 2 * 5) * half);
    expect(flopsOf(aftSimple, {})).toBe(4 * 100 * d);
  });

  it("of a window are those of the pairs within it, and of sums beyond it", () => {
    const within = 100 + 2 * (99 + 98);
    expect(flopsOf(aftLocal, { rank: 5, window: 3 })).toBe((4 * d + 2 * 5) * within + 4 * 100 * d);
    expect(flopsOf(aftLocal, { rank: 5, window: 100 })).toBe((4 * d + 2 * 5) * pairs);
  });
});

describe("what synthesizers learned", () => {
  it("a longer table only appends, row by row and column by column", () => {
    const [short, long] = [7, 12].map((length) =>
      tensorNamed(problemOf(synthesizerRandom, {}, { length }).inputs, LEARNED.table),
    );
    for (let head = 0; head < 2; head++) {
      for (let row = 0; row < 7; row++) {
        const [a, b] = [(head * 7 + row) * 7, (head * 12 + row) * 12];
        expect(long.slice(b, b + 7)).toEqual(short.slice(a, a + 7));
      }
    }
  });

  it("factors have products of variance 1", () => {
    const { inputs } = problemOf(synthesizerRandom, { rank: 4 }, { length: 300 });
    const [a, b] = [LEARNED.ofQueries, LEARNED.ofKeys].map((name) => tensorNamed(inputs, name));
    let squares = 0;
    for (let i = 0; i < 300; i++) {
      for (let j = 0; j < 300; j++) {
        let product = 0;
        for (let r = 0; r < 4; r++) product += a[i * 4 + r] * b[j * 4 + r];
        squares += product ** 2;
      }
    }
    expect(squares / 300 ** 2).toBeGreaterThan(0.85);
    expect(squares / 300 ** 2).toBeLessThan(1.15);
  });
});

describe.each(kernels)("$id", (kernel) => {
  const failureOf = (problem: JudgedProblem) =>
    failureInAnyRow(problem, kernel, problem.kind.oracle(problem));

  it.each([
    [3, false],
    [3, true],
    [0.5, true],
  ])(
    "is right where biases lie further apart than exp reaches (deviation %f, causal %s)",
    (scale, causal) => {
      const problem = problemOf(aftFull, { scale }, { length: 150, causal });
      expect(failureOf(problem)).toBeNull();
    },
  );

  it.each([
    [1, false],
    [1, true],
    [17, false],
    [17, true],
    [200, true],
  ])("is right with a window of %i (causal %s)", (window, causal) => {
    const problem = problemOf(aftLocal, { rank: 5, scale: 1, window }, { length: 700, causal, headDim: 7 });
    expect(failureOf(problem)).toBeNull();
  });

  it.each([false, true])("is right of keys that rise and fall by thousands (causal %s)", (causal) => {
    for (const [variant, overrides] of [
      [aftSimple, {}],
      [aftFull, { scale: 1 }],
      [aftLocal, { scale: 1, window: 20 }],
    ] as const) {
      const problem = problemOf(variant, overrides, { length: 300, causal });
      const { k } = problem.inputs;
      for (let at = 0; at < k.length; at++) {
        const token = Math.floor(at / 8) % 300;
        k[at] += [20 * token, -20 * token, 3000 * Math.sin(token)][at % 3];
      }
      expect(failureOf(problem)).toBeNull();
    }
  });
});

it("all of them can be causal, and be decoded", () => {
  for (const variant of mixing.filter(({ id }) => id !== "fnet")) {
    expect(isDecoded(builtInKinds.judged(parameterize(variant, {})))).toBe(true);
  }
});
