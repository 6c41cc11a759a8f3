import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { LAYER_POSITIONS, LAYER_WEIGHTS } from "../../src/mechanisms/layer/declare.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { refusal, throughGate } from "./whole-gate.ts";

const shape = shapeOf({ batch: 1, heads: 1, length: 40, headDim: 256 });
const settings = { modelDim: 256, heads: 4, kvHeads: 4, headDim: 64, valueDim: 64, biases: true };

/** A layer with biases that are not 0. */
function layerOf(variant: Variant, positions: string | null): JudgedProblem {
  const judged = builtInKinds.under(parameterize(variant, {}), { layer: { ...settings, positions } });
  const inputs = withNamed(judged, syntheticSource("gaussian", 3).inputs(shape), 3);
  for (const { bias } of Object.values(LAYER_WEIGHTS)) {
    const values = tensorNamed(inputs, bias);
    for (let at = 0; at < values.length; at++) values[at] = 0.3 * Math.sin(at);
  }
  return { ...judged, shape, causal: false, threads: 1, inputs };
}

type Change = (inputs: AttentionInputs) => AttentionInputs;

/** The js kernel on inputs that are made anew of the call's by each call, or once. */
function planted(id: string, change: Change, { once = false } = {}): Kernel {
  return {
    ...js,
    id,
    prepare(problem, output) {
      const made: AttentionInputs = copyOf(change(problem.inputs));
      const right = js.prepare({ ...problem, inputs: made }, output);
      const names = Object.keys(made).filter((name) => name !== "shape");
      return {
        ...right,
        // Getters of the runnable are lost in a copy.
        workspaceBytes: null,
        executedFlops: null,
        bytes: null,
        run() {
          const now = change(problem.inputs);
          for (const name of names) {
            const isToken = name === "q" || name === "k" || name === "v";
            if (!once || isToken) tensorNamed(made, name).set(tensorNamed(now, name));
          }
          right.run();
        },
        inputs: () => problem.inputs,
      };
    },
  };
}

function copyOf(inputs: AttentionInputs): AttentionInputs {
  const copies = Object.entries(inputs).map(([name, value]) => [
    name,
    value instanceof Float32Array ? value.slice() : value,
  ]);
  return Object.fromEntries(copies);
}

/** Some of the inputs made anew. */
const changing =
  (names: readonly string[], make: (x: number, at: number) => number): Change =>
  (inputs) => ({
    ...inputs,
    ...Object.fromEntries(
      names
        .filter((name) => Object.hasOwn(inputs, name))
        .map((name) => [name, tensorNamed(inputs, name).map((x, at) => make(x, at))]),
    ),
  });

/** 11 bits, as in half precision. */
const half = (x: number): number => {
  const step = 2 ** (Math.floor(Math.log2(Math.abs(x) || 1)) - 10);
  return Math.round(x / step) * step;
};

const matrices = Object.values(LAYER_WEIGHTS).map(({ matrix }) => matrix);

describe("verification of layers", () => {
  const variants = { full, local, linear };

  it.each(Object.keys(variants) as (keyof typeof variants)[])(
    "lets an honest kernel through, around %s",
    async (name) => {
      const result = await throughGate(
        layerOf(variants[name], "sinusoidal"),
        planted("honest", (inputs) => inputs),
      );
      expect(result.outcome === "red" ? result.reason : null).toBeNull();
    },
  );

  const faults: readonly [string, Kernel][] = [
    ["weights of 11 bits", planted("half", changing(matrices, half))],
    ["tokens of 11 bits", planted("half-tokens", changing(["q", "k", "v"], half))],
    ["weights that it took in once", planted("once", (inputs) => inputs, { once: true })],
    [
      "no bias after W^v",
      planted(
        "no-bias",
        changing([LAYER_WEIGHTS.v.bias], () => 0),
      ),
    ],
    [
      "no bias after W^O",
      planted(
        "no-last-bias",
        changing([LAYER_WEIGHTS.output.bias], () => 0),
      ),
    ],
    [
      "no positions of keys",
      planted(
        "no-positions",
        changing([LAYER_POSITIONS.keys], () => 0),
      ),
    ],
    [
      "the transposed W^k",
      planted("transposed", (inputs) => {
        const k = tensorNamed(inputs, LAYER_WEIGHTS.k.matrix);
        return {
          ...inputs,
          [LAYER_WEIGHTS.k.matrix]: k.map((_, at) => k[(at % 256) * 256 + Math.floor(at / 256)]),
        };
      }),
    ],
    ["queries of the keys' tokens", planted("no-cross", (inputs) => ({ ...inputs, q: inputs.k }))],
  ];

  describe.each(Object.keys(variants) as (keyof typeof variants)[])("around %s", (name) => {
    it.each(faults)("refuses %s", async (_fault, kernel) => {
      expect(await refusal(layerOf(variants[name], "sinusoidal"), kernel)).toMatch(/^verification/);
    });
  });
});
