import { whyNotShape } from "../../../core/shape.ts";
import { type FeatureMap, isFeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { whyNotMapped } from "../feature-panels.ts";
import { whyTooWide } from "../fits.ts";
import type { Means } from "../means.ts";
import { prepareFeatureGradient } from "./feature-kernel.ts";

/** The gradient of linear attention: states of keys that the forward pass left, and reverse states of queries. */
export const featureMapGradient: Ability<Gradient<FeatureMap>, Means> = {
  is: isGradientOf(isFeatureMap),
  whyNot({ shape, mechanism: { of } }) {
    if (of.feature.kind === "favor") return "it computes no gradient of FAVOR+";
    return (
      whyNotShape(shape, ["kvHeads", "valueDim"]) ?? whyTooWide(shape) ?? whyNotMapped(of, shape.headDim)
    );
  },
  prepare: prepareFeatureGradient,
};
