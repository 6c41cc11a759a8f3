import { int } from "../../src/core/parameters.ts";

/** How many neighbours every node has, where the input brings no edges; with all of them, attention is full. */
export const degree = int(8, {
  unit: "edges per node",
  meaning: "drawn neighbours, without edges in the input",
  probe: 3,
  fullAt: (n) => n,
  drawsEdges: true,
});
