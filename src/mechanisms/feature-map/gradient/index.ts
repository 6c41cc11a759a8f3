import type { GradientKind } from "../../gradient/gradient-kind.ts";
import { type FeatureMap, isElementwise } from "../declare.ts";
import { featureInputs } from "../inputs.ts";
import { featureMapGradientOracle } from "./oracle.ts";
import { gradientWork, leastGradientWork } from "./work.ts";

/**
 * The gradient of linear attention through a feature map. Of what a layer has for its features, the projection of a Taylor
 * expansion is a parameter; the random rows of FAVOR+ and of random feature attention are drawn once and not trained.
 */
export const featureMapGradient: GradientKind<FeatureMap> = {
  whyNot: ({ feature }) =>
    isElementwise(feature) && feature.slope === undefined
      ? `needs the derivative of ${feature.id}; declare its slope beside phi`
      : null,
  also: (mechanism) =>
    Object.entries(featureInputs(mechanism))
      .filter(([, { untrained = false }]) => !untrained)
      .map(([name]) => name),
  oracle: featureMapGradientOracle,
  work: gradientWork,
  leastWork: leastGradientWork,
  // The weights of each query that adds to a row, all of its keys twice; and what is made of rows.
  oracleProducts({ rows, summed = 0, along = rows, heads, length, headDim, before, usefulFlops }) {
    const queries = Math.min(along, rows - summed + (summed > 0 ? along : 0));
    return queries * before * 8 * headDim + (heads * length * usefulFlops) / 64;
  },
};
