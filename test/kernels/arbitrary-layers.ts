import fc, { type Arbitrary } from "fast-check";
import { type Shape, shapeOf } from "../../src/core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../../src/core/tensors.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { layerAround } from "../../src/mechanisms/layer/around.ts";
import { LAYER_GAMMA, LAYER_WEIGHTS, type Layer } from "../../src/mechanisms/layer/declare.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { alsoUnlike, isDefined, problemsFor } from "./arbitrary-problems.ts";

/** Heads of a layer: few and narrow, of odd widths too. */
const shapesOfHeads = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      heads: fc.integer({ min: 1, max: 3 }),
      length: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(1, 48, 49, 64, 96)),
      headDim: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(8, 16, 32)),
    })
    .map(shapeOf),
);

/** Widths of a token: within one block of the micro-kernel, on both sides of its edge, and of several. */
const modelDims = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 48 }) },
  { weight: 1, arbitrary: fc.constantFrom(64, 255, 256, 257, 520) },
);

/** Mostly null. */
function rarely<Value>(of: Arbitrary<Value>): Arbitrary<Value | null> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: of });
}

/** What a layer can have besides its heads. */
const settings = fc.record({
  modelDim: modelDims,
  biases: fc.boolean(),
  positions: fc.constantFrom(null, null, "sinusoidal", "learned", "2d-sine:5", "rope:half", "alibi", "t5:6"),
  onValues: fc.boolean(),
  residual: fc.boolean(),
  pixels: rarely(fc.integer({ min: 2, max: 7 })),
  tokensAs: rarely(fc.constantFrom("q", "k", "v")),
});

type Settings = typeof settings extends Arbitrary<infer T> ? T : never;

/** Layers around any built-in variant, of those that a kernel takes. */
export function layersFor(kernel: Kernel, of: Arbitrary<Shape> = shapesOfHeads): Arbitrary<JudgedProblem> {
  return (
    fc
      .tuple(problemsFor(kernel, of), settings, fc.nat())
      // Most variants are patterns, and their heads differ least from one another.
      .filter(([{ mechanism }, , seed]) => !isSoftmaxPattern(mechanism) || seed % 3 === 0)
      .map(([heads, chosen, seed]) => inLayer(heads, chosen, seed))
      .filter((problem) => isDefined(problem) && supportsPass(kernel, problem) === true)
  );
}

/** The layer whose heads are those of a problem. */
function inLayer(
  heads: JudgedProblem,
  { modelDim, biases, positions, onValues, residual, pixels, tokensAs }: Settings,
  seed: number,
): JudgedProblem {
  const { batch, kvHeads, length, queries, headDim, valueDim } = heads.shape;
  const around = layerAround(heads, { ...heads.shape, modelDim, positions, biases });
  const taken = tokensAs !== null && around.made[tokensAs] === "product" ? tokensAs : null;
  // What tokens are taken as is as wide as they are.
  const width =
    taken === null
      ? modelDim
      : { q: heads.shape.heads * headDim, k: kvHeads * headDim, v: kvHeads * valueDim }[taken];
  const mechanism: Layer = {
    ...around,
    made: { ...around.made, ...(taken !== null && { [taken]: "tokens" as const }) },
    positions: { ...around.positions, onValues },
    residual,
    pool: pixels === null || heads.causal ? null : { width: pixels },
  };
  const shape = shapeOf({ batch, heads: 1, length, queries, headDim: width });
  const judged = builtInKinds.judged({ mechanism });
  const inputs = withNamed(judged, syntheticSource("gaussian", seed).inputs(shape), seed);
  return { ...judged, shape, causal: heads.causal, threads: 1, inputs: trained(inputs) };
}

/** The same with biases that are not 0 and a γ that is not 1, as after some training. */
function trained(inputs: AttentionInputs): AttentionInputs {
  const biases = Object.values(LAYER_WEIGHTS).map(({ bias }) => bias);
  const changed = [...biases, LAYER_GAMMA]
    .filter((name) => Object.hasOwn(inputs, name))
    .map((name) => [name, tensorNamed(inputs, name).map((_, at) => 0.7 * Math.cos(3 * at))]);
  return { ...inputs, ...Object.fromEntries(changed) };
}
