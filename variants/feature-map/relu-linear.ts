import { featureMap, RELU } from "../../src/mechanisms/feature-map/declare.ts";
import { EPS } from "./eps.ts";

/**
 * Linear attention with φ(x) = relu(x): EfficientViT's, and Performer-ReLU without a projection. A row whose
 * query and keys share no positive channel is zero. It is not ReLU attention, whose rectifier is of q·k.
 *
 * Departs: EfficientViT has ε = 1e-15 and parts of it in lower precision; here it is that of the family.
 */
export const reluLinear = featureMap({
  id: "relu-linear",
  title: "ReLU linear",
  summary: "relu(x) on q and k in place of softmax",
  aliases: ["efficientvit"],
  tags: ["feature-map", "linear"],
  source: "Cai et al. 2022, arXiv 2205.14756",
  params: { eps: EPS },
  feature: RELU,
  epsilon: ({ eps }) => eps,
  exponent: () => 1,
});
