import { featureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { EPS } from "./eps.ts";

/**
 * Linear attention, "Transformers are RNNs": softmax replaced by the feature map φ(x) = elu(x) + 1, so that a
 * state of d·d + d numbers stands for all keys seen. Katharopoulos et al. 2020, arXiv 2006.16236, eq. 5 to
 * 12.
 */
export const linear = featureMap({
  id: "linear",
  title: "Linear",
  summary: "elu(x) + 1 on q and k in place of softmax",
  aliases: ["rnn", "linear-attention"],
  tags: ["core", "feature-map", "linear", "lra"],
  arena: "Linear Trans.",
  source: "Katharopoulos et al. 2020, arXiv 2006.16236",
  params: { eps: EPS },
  // Not Math.expm1(x) + 1 for negative x: that cancels.
  feature: {
    id: "elu+1",
    phi: (x) => (x >= 0 ? x + 1 : Math.exp(x)),
    slope: (x) => (x >= 0 ? 1 : Math.exp(x)),
  },
  epsilon: ({ eps }) => eps,
  exponent: () => 1,
});
