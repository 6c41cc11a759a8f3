import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { simpleKernel } from "../../../src/kernels/simple-kernel.ts";
import { deterministic } from "../../../src/mechanisms/laws/deterministic.ts";
import { isLayer, type Layer, NO_POSITIONS } from "../../../src/mechanisms/layer/declare.ts";
import {
  isAConvolution,
  meanOfAll,
  nearConvolution,
} from "../../../src/mechanisms/layer/laws/convolution.ts";
import { headsAdd, identities, noGamma } from "../../../src/mechanisms/layer/laws/heads.ts";
import { layerLaws } from "../../../src/mechanisms/layer/laws/index.ts";
import { pooledFree } from "../../../src/mechanisms/layer/laws/pooled.ts";
import {
  noPositions,
  positionsCount,
  tokensReorder,
  valuesUnplaced,
} from "../../../src/mechanisms/layer/laws/positions.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import type { Bias } from "../../../src/pairwise/bias.ts";
import { shiftBias } from "../../../src/pairwise/shift-bias.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { convAttention } from "../../../variants/layer/conv-attention.ts";
import { detr } from "../../../variants/layer/detr.ts";
import { detrCross } from "../../../variants/layer/detr-cross.ts";
import { sagan } from "../../../variants/layer/sagan.ts";
import { subject } from "./subjects.ts";

const SHAPE: Shape = shapeOf({ batch: 2, heads: 1, length: 40, headDim: 8 });

/** What a wrong kernel of js is given instead of a layer or of its inputs, and does to what is right. */
interface Wrong {
  readonly layer?: (layer: Layer) => Partial<Layer>;
  readonly inputs?: Readonly<Record<string, (values: Float32Array) => Float32Array>>;
  readonly after?: (output: Float32Array) => void;
}

function wrong(id: string, { layer, inputs = {}, after }: Wrong): Kernel {
  return simpleKernel({
    id,
    freedoms: ["queries"],
    prepare(problem, output) {
      return () => {
        js.prepare(otherwise(problem, layer, inputs), output).run();
        after?.(output);
      };
    },
  });
}

function otherwise(problem: Problem, change: Wrong["layer"], inputs: NonNullable<Wrong["inputs"]>): Problem {
  const { mechanism } = problem;
  if (!isLayer(mechanism)) throw new TypeError("not a layer");
  const made = Object.entries(inputs)
    .filter(([name]) => Object.hasOwn(problem.inputs, name))
    .map(([name, make]) => [name, make(tensorNamed(problem.inputs, name))]);
  return {
    ...problem,
    mechanism: { ...mechanism, ...change?.(mechanism) },
    inputs: { ...problem.inputs, ...Object.fromEntries(made) },
  };
}

function withSoftmax(
  change: (inner: SoftmaxPattern) => Partial<SoftmaxPattern>,
): NonNullable<Wrong["layer"]> {
  return ({ inner }) => {
    if (!isSoftmaxPattern(inner)) throw new TypeError("not softmax attention");
    return { inner: { ...inner, ...change(inner) } };
  };
}

function withShifts(change: (alpha: number) => number): NonNullable<Wrong["layer"]> {
  return withSoftmax(({ bias }) => ({ bias: shifted(bias, change) }));
}

function shifted(bias: Bias | undefined, change: (alpha: number) => number): Bias {
  if (bias?.shifts === undefined) throw new TypeError("no shifts");
  return shiftBias({ ...bias.shifts, alpha: change(bias.shifts.alpha) });
}

const OFF = /row \d+ of batch \d+, head \d+, column \d+: got \S+, expected \S+; error \S+ over budget/;

const breaches = [
  {
    what: "a kernel that bends what the last product makes",
    law: headsAdd,
    variant: detr,
    kernel: wrong("bent", {
      after: (output) => {
        for (const [at, x] of output.entries()) output[at] = x + 1e-3 * Math.abs(x);
      },
    }),
    message: OFF,
  },
  {
    what: "heads whose scores are too small",
    law: identities,
    variant: detr,
    kernel: wrong("lukewarm", { layer: withSoftmax(() => ({ scale: 0.3 })) }),
    message: OFF,
  },
  {
    what: "a kernel that knows its first token",
    law: tokensReorder,
    variant: detr,
    kernel: wrong("first", {
      after: (output) => {
        output[0] *= 1.01;
      },
    }),
    message: OFF,
  },
  {
    what: "a kernel without positions",
    law: positionsCount,
    variant: detr,
    kernel: wrong("lost", { layer: () => ({ positions: NO_POSITIONS }) }),
    message: /^keys and values in another order gave the same rows/,
  },
  {
    what: "a kernel with positions of its own",
    law: noPositions,
    variant: detrCross,
    kernel: wrong("placed", {
      inputs: { "layer.query_positions": (table) => table.map((x, at) => x + 0.01 * at) },
    }),
    message: OFF,
  },
  {
    what: "a kernel that adds positions to values as well",
    law: valuesUnplaced,
    variant: detr,
    kernel: wrong("everywhere", {
      layer: ({ positions }) => ({ positions: { ...positions, onValues: true } }),
    }),
    message: OFF,
  },
  {
    what: "a kernel that takes the factor for 1",
    law: noGamma,
    variant: sagan,
    kernel: wrong("one", { inputs: { "layer.gamma": (gamma) => gamma.map(() => 1) } }),
    message: OFF,
  },
  {
    what: "a kernel that pools an image of another width",
    law: pooledFree,
    variant: sagan,
    kernel: wrong("askew", { layer: () => ({ pool: { width: 4 } }) }),
    message: OFF,
  },
  {
    what: "a kernel whose taps are last to first, as mathematics has it",
    law: isAConvolution,
    variant: convAttention,
    kernel: wrong("flipped", {
      inputs: { "layer.wo": (taps) => inParts(taps, 64).toReversed().reduce(joined, new Float32Array(0)) },
    }),
    message: OFF,
  },
  {
    what: "heads that look less sharply than they should",
    law: nearConvolution,
    variant: convAttention,
    kernel: wrong("blurred", { layer: withShifts((alpha) => alpha / 5) }),
    message: /^row \d+ of batch \d+, column \d+: off the convolution by \S+, at most \S+ with alpha 5$/,
  },
  {
    what: "heads that always look somewhere",
    law: meanOfAll,
    variant: convAttention,
    kernel: wrong("staring", { layer: withShifts((alpha) => alpha + 1e-3) }),
    message: OFF,
  },
];

function inParts(values: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: values.length / size }, (_, at) => values.slice(at * size, (at + 1) * size));
}

function joined(all: Float32Array, part: Float32Array): Float32Array {
  return Float32Array.of(...all, ...part);
}

describe("every law of layers", () => {
  it.each(breaches)("is broken by $what", async ({ law, variant, kernel, message }) => {
    const one = subject(variant, kernel, { shape: SHAPE });
    expect(law.applies(one)).toBe(true);
    expect(await law.check(heldTo(one))).toMatch(message);
    expect(await law.check(heldTo({ ...one, kernel: js }))).toBeNull();
  });

  it("has a breach here, or is a general one", () => {
    const own = layerLaws.filter((law) => law !== deterministic);
    expect(new Set(breaches.map(({ law }) => law))).toEqual(new Set(own));
  });
});
