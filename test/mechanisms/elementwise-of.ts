import {
  type Elementwise,
  type FeatureMap,
  isElementwise,
} from "../../src/mechanisms/feature-map/declare.ts";

/** The map of a mechanism that has an elementwise one; throws for others. */
export function elementwiseOf({ feature }: FeatureMap): Elementwise {
  if (isElementwise(feature)) return feature;
  throw new TypeError(`feature map: must be elementwise, got ${feature.kind}`);
}
