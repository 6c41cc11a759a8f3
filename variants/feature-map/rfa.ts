import { int, real } from "../../src/core/parameters.ts";
import { featureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { EPS } from "./eps.ts";

/**
 * Random feature attention: sines and cosines of random projections of q and k at length 1, whose products are
 * exp(q̂·k̂/τ²) on average, up to a factor. Weights may be negative, and so may their sum.
 *
 * Departs: the authors' program takes no sum below 1 (after scaling), and orthogonalises the columns of W; here
 * ε is added, and W is independent and normal. Its gate is left out.
 */
export const rfa = featureMap({
  id: "rfa",
  title: "RFA",
  summary: "sines and cosines of random projections of unit q and k",
  aliases: ["random-feature-attention"],
  tags: ["feature-map", "linear", "random"],
  source: "Peng et al. 2021, arXiv 2103.02143",
  params: {
    features: int(128, { least: 1, unit: "projections", meaning: "each has a sine and a cosine", probe: 40 }),
    tau: real(1, { least: 0.001, unit: "τ", meaning: "softmax is of q̂·k̂ over its square" }),
    seed: int(0, { unit: "seed", meaning: "which projections are drawn" }),
    eps: EPS,
  },
  feature: ({ features, tau, seed }) => ({ kind: "trigonometric", features, tau, seed }),
  epsilon: ({ eps }) => eps,
  exponent: () => 1,
});
