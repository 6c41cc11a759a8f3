import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { drawnEdges } from "../../src/pattern/edges.ts";
import { degree } from "./degree.ts";

/**
 * Attention over the edges of a graph: tokens are its nodes, and a node attends its neighbours and itself.
 * The edges are those of the input; without any, every node has `degree` others, drawn at random.
 *
 * Departs: the transformer convolution of the paper adds features of the edges to keys and values, has a
 * separate projection of the node itself, and a gate. A node always attends itself here.
 */
export const graph = softmaxPattern({
  id: "graph",
  title: "Graph",
  summary: "a node attends its neighbours in a graph, and itself",
  aliases: ["edges"],
  tags: ["graph"],
  source: "Shi et al. 2020, arXiv 2009.03509, eq. 3",
  params: {
    degree,
    seed: int(0, { unit: "seed", meaning: "seed of the drawn neighbours", drawsEdges: true }),
  },
  pattern: (values) => drawnEdges(values.degree, values.seed),
  exponent: () => 1,
});
