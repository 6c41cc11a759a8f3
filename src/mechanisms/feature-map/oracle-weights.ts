import { favorWeights } from "./oracle-favor.ts";
import { explicitWeights } from "./oracle-features.ts";
import { reweightedWeights, taylorWeights } from "./oracle-identities.ts";
import type { PairWeights, WeighedHead } from "./weighed-head.ts";

/** Weights by explicit features, or by the function that their product is. */
export function pairWeights(head: WeighedHead): PairWeights {
  const { feature } = head.mechanism;
  switch (feature.kind) {
    case "favor":
      return favorWeights(head, feature);
    case "taylor":
      return taylorWeights(head, feature);
    case "reweighted":
      return reweightedWeights(head, feature);
    default:
      return explicitWeights(head, feature);
  }
}
