import type { GradientKind } from "../../gradient/gradient-kind.ts";
import { type FeatureMap, isElementwise, isFeatureMap } from "../declare.ts";
import { featureInputs } from "../inputs.ts";
import { MOST_BY_PAIRS } from "./group.ts";
import { featureMapGradientOracle } from "./oracle.ts";
import { isExplicit } from "./weigh-by-states.ts";
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
  /**
   * The weights of each query that adds to a row, all of its keys twice; by states instead, each token's into one and out of one,
   * and then pairs with the rows that are asked for alone. And what is made of rows.
   */
  oracleProducts({ rows, summed = 0, along = rows, heads, length, headDim, before, usefulFlops, mechanism }) {
    const queries = Math.min(along, rows - summed + (summed > 0 ? along : 0));
    const made = (heads * length * usefulFlops) / 64;
    const perPair = 8 * headDim;
    const sums = mechanism !== undefined && isFeatureMap(mechanism) && isExplicit(mechanism.feature);
    if (!sums || queries / heads <= MOST_BY_PAIRS) return made + queries * before * perPair;
    const byStates = ((heads * length + queries) * usefulFlops) / 2;
    return made + byStates + (summed * (queries / heads) + (rows - summed) * before) * perPair;
  },
};
