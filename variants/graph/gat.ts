import { int, real } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { drawnEdges } from "../../src/pattern/edges.ts";
import { degree } from "./degree.ts";

/**
 * Graph attention network: the score of an edge is `leaky(a·q_i + b·k_j)`, so that all nodes rank their
 * neighbours alike. The halves of the paper's [Wh_i ‖ Wh_j] are q and k, its value is v; a and b are drawn, from
 * N(0, 1/d). Over all pairs instead of edges (`--set full.score=gat`) the kernel `js-sorted` needs no pairs.
 *
 * Departs: no dropout and no ELU, which belong to the layer.
 */
export const gat = softmaxPattern({
  id: "gat",
  title: "GAT",
  summary: "graph attention: one number of a node and one of its neighbour make a score",
  aliases: ["graph-attention"],
  tags: ["graph", "score"],
  source: "Veličković et al. 2017, arXiv 1710.10903",
  params: {
    degree,
    slope: real(FORM_DEFAULTS.slope, { unit: "slope", meaning: "of what is negative", probe: 0.5 }),
    seed: int(FORM_DEFAULTS.seed, { unit: "seed", meaning: "which neighbours and which numbers are drawn" }),
  },
  pattern: (values) => drawnEdges(values.degree, values.seed),
  score: ({ slope, seed }) => ({ kind: "split", slope, seed }),
  exponent: () => 1,
});
