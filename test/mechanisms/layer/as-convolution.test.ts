import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import { callInputs } from "../../../src/mechanisms/call-inputs.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { conv2d } from "../../../variants/baseline/conv-2d.ts";
import { convFull } from "../../../variants/baseline/conv-full.ts";
import { variants } from "../../../variants/index.ts";
import { convAttention } from "../../../variants/layer/conv-attention.ts";

type Values = Parameters<typeof parameterize>[1];

function problemOf(variant: Variant, values: Values, shape: Shape): JudgedProblem {
  const judged = builtInKinds.judged(parameterize(variant, values));
  const source = syntheticSource("gaussian", 3);
  const inputs = withNamed(judged, callInputs(judged, source, shape), 3);
  return { ...judged, shape, causal: false, threads: 1, inputs };
}

/** All rows, one after the other. */
function outputOf(problem: JudgedProblem): number[] {
  const rows = problem.kind.oracle(problem).rows(everyRow(problem.shape), float64);
  return rows.flatMap(({ values }) => [...values]);
}

function mostOff(one: readonly number[], other: readonly number[]): number {
  expect(one).toHaveLength(other.length);
  return one.reduce((most, x, at) => Math.max(most, Math.abs(x - other[at])), 0);
}

/** A convolution as PyTorch's `conv2d` with `padding` has it, by its definition: `[height · width, d]` of v. */
function byHand(
  v: ArrayLike<number>,
  taps: ArrayLike<number>,
  { height, width, side, d }: { height: number; width: number; side: number; d: number },
): number[] {
  const before = Math.floor(side / 2);
  const out: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < d; c++) {
        let sum = 0;
        for (let dy = 0; dy < side; dy++) {
          for (let dx = 0; dx < side; dx++) {
            const [sy, sx] = [y + dy - before, x + dx - before];
            if (sy < 0 || sy >= height || sx < 0 || sx >= width) continue;
            for (let i = 0; i < d; i++) {
              sum += v[(sy * width + sx) * d + i] * taps[((dy * side + dx) * d + i) * d + c];
            }
          }
        }
        out.push(sum);
      }
    }
  }
  return out;
}

describe("a convolution of an image", () => {
  it.each([1, 2, 3, 4, 5])("with zeros outside is the sum by hand, for a kernel of %i × itself", (kernel) => {
    const [height, width, d] = [4, 6, 3];
    const shape = shapeOf({ batch: 1, heads: 1, length: height * width, headDim: d });
    const problem = problemOf(conv2d, { kernel, width, border: "zeros" }, shape);
    const taps = tensorNamed(problem.inputs, "conv.full");
    const expected = byHand(problem.inputs.v, taps, { height, width, side: kernel, d });
    expect(mostOff(outputOf(problem), expected)).toBeLessThan(1e-13);
  });
});

describe("convolution as attention", () => {
  it.each([
    [1, 6, 24],
    [2, 6, 24],
    [3, 6, 24],
    [3, 1, 5],
    [5, 3, 6],
    [4, 7, 7],
  ])(
    "is the convolution with the nearest pixel outside: kernel %i, width %i, %i pixels",
    (kernel, width, length) => {
      const shape = shapeOf({ batch: 2, heads: 1, length, headDim: 3 });
      const attention = problemOf(convAttention, { kernel, width }, shape);
      const convolution = problemOf(conv2d, { kernel, width }, shape);
      // The same numbers as the kernel of the convolution, of the same seed.
      expect(tensorNamed(attention.inputs, "layer.wo")).toEqual(tensorNamed(convolution.inputs, "conv.full"));
      const same = { ...convolution, inputs: { ...convolution.inputs, v: attention.inputs.v } };
      expect(mostOff(outputOf(attention), outputOf(same))).toBeLessThan(1e-13);
    },
  );

  it.each([3, 5])(
    "is that with zeros outside if they are around the image, which is then cropped: kernel %i",
    (kernel) => {
      const [height, width, d] = [4, 5, 2];
      const border = Math.floor(kernel / 2);
      const [high, wide] = [height + 2 * border, width + 2 * border];
      const shape = shapeOf({ batch: 1, heads: 1, length: high * wide, headDim: d });
      const padded = problemOf(convAttention, { kernel, width: wide }, shape);
      const inside = (token: number) => {
        const [row, column] = [Math.floor(token / wide), token % wide];
        return row >= border && row < high - border && column >= border && column < wide - border;
      };
      const v = padded.inputs.v.map((x, at) => (inside(Math.floor(at / d)) ? x : 0));
      const crop = (all: ArrayLike<number>) => Array.from(all).filter((_, at) => inside(Math.floor(at / d)));
      const output = outputOf({ ...padded, inputs: { ...padded.inputs, v } });
      const taps = tensorNamed(padded.inputs, "layer.wo");
      const expected = byHand(crop(v), taps, { height, width, side: kernel, d });
      expect(mostOff(crop(output), expected)).toBeLessThan(1e-13);
    },
  );

  it("errs less and less with alpha, as e^-alpha", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 30, headDim: 4 });
    const convolution = problemOf(conv2d, { width: 5 }, shape);
    const offs = [6, 8, 10, 12].map((alpha) => {
      const attention = problemOf(convAttention, { width: 5, alpha }, shape);
      return mostOff(
        outputOf(attention),
        outputOf({ ...convolution, inputs: { ...convolution.inputs, v: attention.inputs.v } }),
      );
    });
    for (let at = 1; at < offs.length; at++) {
      expect(Math.log(offs[at - 1] / offs[at]) / 2).toBeCloseTo(1, 1);
    }
  });

  it.each([1, 2, 3, 4])(
    "of a sequence is its convolution, as far as the window of %i lies within",
    (kernel) => {
      const [length, d] = [17, 3];
      const shape = shapeOf({ batch: 1, heads: 1, length, headDim: d });
      const attention = problemOf(convAttention, { kernel, width: null }, shape);
      const convolution = problemOf(convFull, { taps: kernel }, shape);
      const inside = (all: readonly number[]) =>
        all.slice(d * Math.floor(kernel / 2), d * (length - kernel + 1));
      const same = { ...convolution, inputs: { ...convolution.inputs, v: attention.inputs.v } };
      expect(mostOff(inside(outputOf(attention)), inside(outputOf(same)))).toBeLessThan(1e-13);
    },
  );

  it("takes an image of whole rows, which has no order that could be causal", () => {
    const { mechanism, kind } = problemOf(
      convAttention,
      { width: 5 },
      shapeOf({ batch: 1, heads: 1, length: 30, headDim: 2 }),
    );
    const pattern = kind.pattern(mechanism);
    expect(pattern.whyNot?.(31)).toContain("a multiple of its width 5, got 31");
    expect(pattern.neverCausal).toBe(true);
  });
});

describe("a variant that computes the same function as another", () => {
  const having = variants.flatMap((variant) => {
    const twin = variant.twin?.(parameterize(variant, {}).params) ?? null;
    return twin === null ? [] : [{ id: variant.id, variant, twin }];
  });

  it("exists", () => {
    expect(having.map(({ id }) => id)).toContain("conv-attention");
  });

  it.each(having)("does: $id", ({ variant, twin }) => {
    const other = variants.find(({ id }) => id === twin.variant);
    if (other === undefined) throw new RangeError(`no variant ${twin.variant}`);
    // All of its parameters, as results have them.
    expect(parameterize(other, twin.params).params).toEqual(twin.params);
    const shape = shapeOf({ batch: 1, heads: 1, length: 128, headDim: 2 });
    const one = problemOf(variant, {}, shape);
    const two = problemOf(other, { ...twin.params }, shape);
    const { q, k, v } = one.inputs;
    expect(mostOff(outputOf(one), outputOf({ ...two, inputs: { ...two.inputs, q, k, v } }))).toBeLessThan(
      1e-6,
    );
  });

  it("has none where its heads look less sharply, or at a sequence", () => {
    for (const values of [{ alpha: 19 }, { width: null }]) {
      expect(convAttention.twin?.(parameterize(convAttention, values).params)).toBeNull();
    }
  });
});
