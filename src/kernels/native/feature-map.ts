import { ANY_SHAPE, whyNotShape } from "../../core/shape.ts";
import { type FeatureMap, isFeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareFeatureMap } from "./features/feature-kernel.ts";
import { whyNotMapped } from "./features/plan-map.ts";
import type { Means } from "./means.ts";

/** Linear attention in segments, with a state of `features · (valueDim + 1)` numbers. */
export const featureMap: Ability<FeatureMap, Means> = {
  is: isFeatureMap,
  whyNot: ({ mechanism, shape, causal }) =>
    whyNotShape(shape, causal ? ["kvHeads", "valueDim"] : ANY_SHAPE) ??
    whyNotMapped(mechanism.feature, shape.headDim),
  prepare: prepareFeatureMap,
};
