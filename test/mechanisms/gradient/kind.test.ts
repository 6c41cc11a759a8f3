import { expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { gradientKind } from "../../../src/mechanisms/gradient/kind.ts";
import type { Kind } from "../../../src/mechanisms/kind.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";
import { full } from "../../../variants/dense/full.ts";

const shape = shapeOf({ batch: 2, heads: 4, kvHeads: 2, length: 9, queries: 5, headDim: 3, valueDim: 7 });
const { mechanism, kind } = builtInKinds.judged(parameterize(full, { bias: "t5:6:9:1" }));

/** Why the gradient of a kind is not defined; null if it is. */
function whyNot({ gradient: _, ...without }: Kind, gradient: Pick<Kind, "gradient" | "whyNoGradient">) {
  const of = gradientKind({ ...without, ...gradient });
  return of.whyNotShape?.({ kind: "gradient", of: mechanism, pass: "backward", also: [] }, shape) ?? null;
}

it("a kind without a gradient says so, or why, and one with a gradient may refuse some mechanisms", () => {
  expect(whyNot(kind, {})).toBe("the gradient of softmaxPattern is not defined here; omit --mode");
  expect(whyNot(kind, { whyNoGradient: "jumps" })).toBe("the gradient of softmaxPattern jumps; omit --mode");
  const { gradient } = kind;
  if (gradient === undefined) throw new TypeError("softmax attention must have a gradient");
  expect(whyNot(kind, { gradient })).toBeNull();
  const refusing = { ...gradient, whyNot: () => "has a kink" };
  expect(whyNot(kind, { gradient: refusing })).toBe("the gradient of softmaxPattern has a kink; omit --mode");
});

it("a backward pass gives a gradient for each input that has one, and training the output before them", () => {
  const tensors = (pass: "backward" | "train") =>
    outputsOf({ ...builtInKinds.under({ mechanism }, { pass }), shape }).map(
      ({ name, layout: { batch, heads, rows, width } }) => [name, batch, heads, rows, width],
    );
  const gradients = [
    ["dq", 2, 4, 5, 3],
    ["dk", 2, 2, 9, 3],
    ["dv", 2, 2, 9, 7],
    ["dtable", 1, 4, 1, 6],
  ];
  expect(tensors("backward")).toEqual(gradients);
  expect(tensors("train")).toEqual([["out", 2, 4, 5, 7], ...gradients]);
});

it("the gradient of a layer is one around the layer, and a plug-in's kind is told through both", () => {
  const layer = {
    modelDim: 8,
    heads: 2,
    kvHeads: 2,
    headDim: 4,
    valueDim: 4,
    positions: null,
    biases: false,
  };
  const judged = builtInKinds.under({ mechanism }, { layer, pass: "train" });
  expect(judged.mechanism).toMatchObject({
    kind: "gradient",
    of: { kind: "layer", inner: { kind: "softmaxPattern" } },
  });
  expect(builtInKinds.remark(judged.kind)).toBeNull();
});
