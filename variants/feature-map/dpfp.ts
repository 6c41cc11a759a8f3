import { int } from "../../src/core/parameters.ts";
import { featureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { EPS } from "./eps.ts";

/**
 * DPFP, deterministic parameter-free projection: products of neighbours in r = [relu(x), relu(-x)], ν rolls of
 * them. A row whose query and keys have no product in common is zero.
 *
 * Departs: one public program has -relu(x) in the second half, whose features are partly negative.
 */
export const dpfp = featureMap({
  id: "dpfp",
  title: "DPFP",
  summary: "products of rectified channels that are near one another",
  tags: ["feature-map", "linear"],
  source: "Schlag et al. 2021, arXiv 2102.11174",
  params: {
    nu: int(1, { least: 1, unit: "rolls", meaning: "how far apart neighbours are at most", probe: 2 }),
    eps: EPS,
  },
  feature: ({ nu }) => ({ kind: "rolled", rolls: nu }),
  epsilon: ({ eps }) => eps,
  exponent: () => 1,
});
