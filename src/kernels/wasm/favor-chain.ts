import type { TensorSpecs } from "../../core/tensor-spec.ts";
import {
  channelFactor,
  type Favor,
  type FeatureMap,
  learnedOf,
} from "../../mechanisms/feature-map/declare.ts";
import type { Step } from "../../mechanisms/summary/declare.ts";

/**
 * FAVOR+ without causality, as a chain: the features are latents that attend the keys, with `-|k'|²/2` as a
 * bias, and queries attend the latents, with the log-sums of those as a bias. `|q'|²` cancels, and nothing
 * can overflow.
 */
export function favorChain(
  mechanism: FeatureMap,
  feature: Favor,
  headDim: number,
): { readonly steps: readonly Step[]; readonly inputs: TensorSpecs } {
  const scale = channelFactor(mechanism, headDim);
  const learned = learnedOf(feature);
  if (learned === null) throw new TypeError("favor: it must have learned rows, got none");
  const { name: latents, rows } = learned;
  return {
    steps: [
      { step: "half-squares", to: "key halves", of: "k", factor: -scale * scale },
      {
        step: "attend",
        to: "values",
        queries: latents,
        keys: "k",
        values: "v",
        scale,
        bias: "key halves",
        logSums: "log sums",
      },
      { step: "attend", to: "out", queries: "q", keys: latents, values: "values", scale, bias: "log sums" },
    ],
    inputs: { [latents]: { dims: ["kvHeads", rows, "headDim"], of: "weights" } },
  };
}
