import { expect, it } from "vitest";
import type { Mechanism } from "../../src/core/mechanism.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { Abilities, type StepAbility } from "../../src/kernels/by-kind.ts";
import type { Runnable } from "../../src/kernels/kernel.ts";
import type { Stepper, Weights } from "../../src/kernels/stepper.ts";

const task = {
  mechanism: { kind: "gated" },
  shape: shapeOf({ batch: 1, heads: 1, length: 4, headDim: 2 }),
  causal: true,
  threads: 1,
};

it("a family hands the weights of a layer to the ability that decodes its kind", () => {
  let got: Weights | undefined;
  const decode: StepAbility<Mechanism, object> = {
    prepare(_task, _means, weights) {
      got = weights;
      return {} as Stepper;
    },
  };
  const abilities = new Abilities<object>([
    { is: (one): one is Mechanism => one.kind === "gated", prepare: () => ({}) as Runnable, decode },
  ]);
  const weights = { mix: new Float32Array(4) };
  abilities.prepareSteps(task, {}, weights);
  expect(got).toBe(weights);
  expect(abilities.whyNotStep({ ...task, mechanism: { kind: "other" } })).toBe("it computes no other");
});
