import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import type { Variant } from "../../src/core/variant.ts";
import { parameterize } from "../../src/core/variant.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { gat } from "../../variants/graph/gat.ts";
import { gatv2 } from "../../variants/graph/gatv2.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { reference, rowOf } from "../mechanisms/judge.ts";

const NODES = 12;

/** For each node all nodes, those that it gives most weight first: each is a neighbour, and values are the weights themselves. */
function rankings(variant: Variant): number[][] {
  const { mechanism } = parameterize(variant, { degree: NODES });
  const shape = shapeOf({ batch: 1, heads: 1, length: NODES, headDim: 6, valueDim: NODES });
  const problem = problemOf(mechanism, shape, false);
  for (let node = 0; node < NODES; node++) {
    for (let at = 0; at < NODES; at++) problem.inputs.v[node * NODES + at] = Number(node === at);
  }
  const row = rowOf(reference(problem));
  return Array.from({ length: NODES }, (_, node) => {
    const weights = row(0, 0, node, float64).values;
    return Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a]);
  });
}

describe("graph attention", () => {
  it("ranks the neighbours alike for all nodes", () => {
    const [first, ...others] = rankings(gat);
    for (const ranking of others) expect(ranking).toEqual(first);
  });

  it("of the second version ranks them by the node", () => {
    const [first, ...others] = rankings(gatv2);
    expect(others.some((ranking) => ranking.join() !== first.join())).toBe(true);
  });
});
