import { int, optionalInt } from "../../src/core/parameters.ts";
import { selection } from "../../src/mechanisms/selection/declare.ts";

/**
 * Routing attention: centres are found by spherical k-means over queries and keys; each takes its nearest queries and its
 * nearest keys, and a query attends the keys of the centres that took it. A query that none took has a row of zeros.
 *
 * Departs: the published code attends in each cluster by itself and averages the results, where here all keys are in one
 * softmax, the same for a query in one cluster. Its centres are moved along while a model learns; here they begin at tokens
 * that are drawn, and are moved ten times in each call.
 */
export const routing = selection({
  id: "routing",
  title: "Routing",
  summary: "queries and keys near the same centre meet",
  tags: ["selection"],
  source: "Roy, Saffar, Vaswani, Grangier 2020, arXiv 2003.05997",
  params: {
    clusters: optionalInt({ least: 1, unit: "clusters", meaning: "centres; √N if none", probe: 4 }),
    window: optionalInt({
      least: 1,
      unit: "tokens",
      meaning: "queries and keys that a centre takes; N / clusters if none",
      probe: 12,
    }),
    seed: int(0, { unit: "seed", meaning: "which tokens centres begin at" }),
  },
  rule: (values) => ({ id: "routing", ...values }),
  exponent: ({ clusters, window }) => {
    // k-means grows with N · clusters, pairs with N · window where every token is taken once, or clusters · window².
    if (clusters === null) return 1.5;
    return window === null ? 2 : 1;
  },
});
