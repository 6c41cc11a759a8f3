import { ANY_SHAPE, whyNotShape } from "../../../core/shape.ts";
import { type FeatureMap, isFeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { favorChain } from "../favor-chain.ts";
import { whyNotMapped } from "../feature-panels.ts";
import { whyTooWide } from "../fits.ts";
import type { Means } from "../means.ts";
import { prepareChainGradient } from "./chain-kernel.ts";
import { prepareFeatureGradient } from "./feature-kernel.ts";

/** The gradient of linear attention: states of keys that the forward pass left, and reverse states of queries;
 * of FAVOR+ that is not causal that of its chain. */
export const featureMapGradient: Ability<Gradient<FeatureMap>, Means> = {
  is: isGradientOf(isFeatureMap),
  whyNot({ shape, causal, mechanism: { of } }) {
    if (of.feature.kind === "favor") {
      if (causal) return "it computes no gradient of causal FAVOR+";
      return whyNotShape(shape, ANY_SHAPE) ?? whyTooWide(shape);
    }
    return (
      whyNotShape(shape, ["kvHeads", "valueDim"]) ?? whyTooWide(shape) ?? whyNotMapped(of, shape.headDim)
    );
  },
  prepare(problem, means) {
    const { mechanism, shape } = problem;
    const { feature } = mechanism.of;
    if (feature.kind !== "favor") return prepareFeatureGradient(problem, means);
    const { steps, inputs } = favorChain(mechanism.of, feature, shape.headDim);
    return prepareChainGradient(problem, steps, inputs, means);
  },
};
