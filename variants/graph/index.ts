import { family } from "../../src/core/family.ts";
import { gat } from "./gat.ts";
import { gatv2 } from "./gatv2.ts";
import { graph } from "./graph.ts";

export const graphs = family("graph", "tokens are the nodes of a graph, that attend their neighbours", [
  graph,
  gat,
  gatv2,
]);
