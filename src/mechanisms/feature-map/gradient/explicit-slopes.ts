import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import type { Numbers } from "../../../core/tensors.ts";
import { featureCount } from "../declare.ts";
import { type Explicit, featuresOf } from "../oracle-features.ts";
import type { WeighedHead } from "../weighed-head.ts";
import { featuresBack } from "./features-back.ts";
import { rowsMade } from "./rows-made.ts";
import { type Made, type PairSlope, type Slopes, uncertain } from "./slope.ts";

/** Of sums over features: those of the key for the query, and those of the query for the key. */
export function explicitSlopes(head: WeighedHead, feature: Explicit): Slopes {
  const { q, k, headDim, queries } = head;
  const width = featureCount(feature, headDim);
  const features = featuresOf(head, feature);
  const asked = rowsMade(queries, width);
  const key = uncertain(width);
  const pair: PairSlope = { factor: 1, size: 1, moved: 0, ofQuery: key, ofKey: key };
  const make = (from: Numbers, at: number, to: Made): void => {
    features(from, at, to.values, to.moved);
    // Those of one number each leave `moved` as it is.
    const own = feature.kind === "trigonometric" || feature.kind === "channel-softmax";
    for (let r = 0; r < width; r++) {
      const beside = own ? to.moved[r] : 0;
      to.moved[r] = FLOAT32_EPSILON * (beside + Math.abs(to.values[r])) + FLOAT32_LEAST;
    }
  };
  return {
    width,
    query: (index, at) => make(q, at, asked[index]),
    key: (at) => make(k, at, key),
    pair(index) {
      pair.ofKey = asked[index];
      return pair;
    },
    back: featuresBack(head, feature),
    learn: null,
  };
}
