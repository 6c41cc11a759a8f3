import fc, { type Arbitrary } from "fast-check";
import { type Shape, shapeOf } from "../../src/core/shape.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { layerAround } from "../../src/mechanisms/layer/around.ts";
import type { Layer } from "../../src/mechanisms/layer/declare.ts";
import { alsoUnlike, isDefined, problemOf, problemsFor } from "./arbitrary-problems.ts";

/** Heads of a layer: small enough for hundreds of cases. */
const heads: Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 1, max: 70 }),
      headDim: fc.integer({ min: 1, max: 20 }),
    })
    .map(shapeOf),
);

const positions = fc.constantFrom(
  null,
  "sinusoidal",
  "learned",
  "2d-sine",
  "2d-sine:5",
  "rope",
  "alibi",
  "t5:6:9",
);

/** Layers around any built-in variant, in any form, of tokens of any width, that a kernel takes. */
export function layersFor(kernel: Kernel): Arbitrary<JudgedProblem & { readonly mechanism: Layer }> {
  return fc
    .tuple(problemsFor(null, heads), fc.integer({ min: 1, max: 40 }), positions, fc.boolean(), fc.nat())
    .map(([inner, modelDim, written, biases, seed]) => {
      const { batch, length, queries, ...own } = inner.shape;
      const mechanism = layerAround(inner, { ...own, modelDim, positions: written, biases });
      const shape = shapeOf({ batch, heads: 1, length, queries, headDim: modelDim });
      return { ...problemOf(mechanism, shape, inner.causal, "gaussian", seed), mechanism };
    })
    .filter((problem) => isDefined(problem) && supportsPass(kernel, problem) === true);
}
