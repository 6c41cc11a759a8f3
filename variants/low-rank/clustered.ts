import { int } from "../../src/core/parameters.ts";
import { distinctBelow } from "../../src/core/random.ts";
import { summary } from "../../src/mechanisms/summary/declare.ts";

/** The stream of planes, and then of queries. */
const PLANES = "clustered/planes";

/**
 * Clustered attention: queries are put into clusters by sign hashes and Lloyd's algorithm in Hamming space, and each
 * has the output of its cluster's mean. With `keys` above 0 the weight that the mean gives to its best keys is given to
 * them by each query's own softmax: improved clustered attention, which is full attention where those are all keys. The
 * planes, with a threshold each, are drawn from N(0, 1).
 *
 * Departs: a centre without queries stays where it is, where the published code draws it anew, from a generator that
 * is not seeded. Centres are at first the codes of queries that are drawn, after the planes from the same stream, where
 * that code takes the first ones; there are no more of them than queries.
 */
export const clustered = summary({
  id: "clustered",
  title: "Clustered",
  summary: "queries of a cluster share the output of their mean",
  tags: ["low-rank", "linear"],
  table: ({ clusters, keys }) => ({
    perLayer: {
      text: keys > 0 ? "N(m + k)d" : "Nmd",
      letters: { m: clusters, ...(keys > 0 && { k: keys }) },
      at: ({ length, headDim }) => length * (Math.min(length, clusters) + Math.min(length, keys)) * headDim,
    },
  }),
  source: "Vyas, Katharopoulos, Fleuret 2020, arXiv 2007.04825",
  params: {
    clusters: int(64, { least: 1, unit: "clusters", meaning: "clusters of queries", probe: 4 }),
    bits: int(32, { least: 1, unit: "bits", meaning: "bits of a query's hash", probe: 16 }),
    keys: int(0, {
      unit: "keys",
      meaning: "best keys of a cluster that each query weighs by itself; 0 for none",
      fullAt: (n) => n,
    }),
    seed: int(0, { unit: "seed", meaning: "which numbers the planes have" }),
  },
  text: ({ clusters, keys }) => `clustered(${clusters}${keys > 0 ? `, ${keys} keys` : ""})`,
  inputs: ({ clusters, bits, seed }) => ({
    "clustered.planes": {
      dims: ["heads", bits, { dim: "headDim", plus: 1 }],
      of: "weights",
      untrained: true,
      stream: PLANES,
      seed,
    },
    "clustered.starts": {
      dims: ["heads", 1, clusters],
      of: "weights",
      untrained: true,
      stream: PLANES,
      seed,
      fill(random, to, { queries, headDim }) {
        for (let drawn = 0; drawn < bits * (headDim + 1); drawn++) random.gaussian();
        to.set(distinctBelow(queries, clusters, random));
      },
    },
  }),
  chain: ({ clusters, keys }, { scale }) => [
    {
      step: "clusters",
      to: "means",
      of: "q",
      planes: "clustered.planes",
      starts: "clustered.starts",
      count: clusters,
      members: "members",
    },
    { step: "attend", to: "answers", queries: "means", keys: "k", values: "v", scale },
    {
      step: "spread",
      to: "out",
      of: "answers",
      members: "members",
      ...(keys > 0 && {
        improved: { count: keys, queries: "q", means: "means", keys: "k", values: "v", scale },
      }),
    },
  ],
  sumsToOne: true,
  exponent: () => 1,
});
