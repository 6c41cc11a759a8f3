import { type FeatureMap, isElementwise, isFeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Means } from "../means.ts";
import { prepareFeatureMapGradient } from "./feature-map-kernel.ts";

/** The gradient of linear attention: a scan from the first token and one from the last. */
export const featureMapGradient: Ability<Gradient<FeatureMap>, Means> = {
  is: isGradientOf(isFeatureMap),
  whyNot: ({ mechanism: { of } }) =>
    isElementwise(of.feature) && of.feature.slope === undefined
      ? `it needs the slope of ${of.feature.id} beside its phi`
      : null,
  prepare: (problem, { output }) => prepareFeatureMapGradient(problem, output),
};
