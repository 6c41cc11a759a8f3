import { int, real } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { drawnEdges } from "../../src/pattern/edges.ts";
import { degree } from "./degree.ts";

/**
 * Graph attention with the kink inside the sum: the score of an edge is `Σ_c a_c leaky(q_c + k_c)`, so that nodes
 * may rank their neighbours differently. a is drawn, from N(0, 1/d).
 *
 * Departs: the authors share the matrices that make q and k as an option; here they are what the input says.
 */
export const gatv2 = softmaxPattern({
  id: "gatv2",
  title: "GATv2",
  summary: "graph attention whose ranking of neighbours depends on the node",
  aliases: ["dynamic-graph-attention"],
  tags: ["graph", "score"],
  source: "Brody, Alon, Yahav 2021, arXiv 2105.14491",
  params: {
    degree,
    slope: real(FORM_DEFAULTS.slope, { unit: "slope", meaning: "of what is negative", probe: 0.5 }),
    seed: int(FORM_DEFAULTS.seed, { unit: "seed", meaning: "which neighbours and which numbers are drawn" }),
  },
  pattern: (values) => drawnEdges(values.degree, values.seed),
  score: ({ slope, seed }) => ({ kind: "leaky", slope, seed }),
  exponent: () => 1,
});
