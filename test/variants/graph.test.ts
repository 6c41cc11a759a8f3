import { describe, expect, it } from "vitest";
import { completeEdges } from "../../src/core/edges.ts";
import { randomStream, shuffled } from "../../src/core/random.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { edges, edgesOf } from "../../src/pattern/edges.ts";
import { graph } from "../../variants/graph/graph.ts";
import { ofPattern, reference, rowOf } from "../mechanisms/judge.ts";
import { csrOf } from "../pattern/arbitrary-patterns.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";

describe("graph", () => {
  it("draws 8 neighbours unless told otherwise", () => {
    expect(defaultsOf(graph)).toEqual({ degree: 8, seed: 0 });
    expect(bindVariant(graph, {}, 100).pairs()).toBe(900);
  });

  it("is full attention with all nodes as neighbours, and the value itself with none", () => {
    for (const length of [1, 2, 9, 40]) {
      expect(bindVariant(graph, { degree: length }, length).pairs()).toBe(length ** 2);
      expect(bindVariant(graph, { degree: length - 1 }, length).pairs()).toBe(length ** 2);
      const alone = bindVariant(graph, { degree: 0 }, length);
      for (let row = 0; row < length; row++) expect(alone.intervals(row)).toEqual([row, row + 1]);
    }
  });

  it("takes the edges of a call, also within a mask, and none that it does not have", () => {
    const given = completeEdges(csrOf([[1], [2], []]));
    const { mechanism } = builtInKinds.under(
      { mechanism: { ...ofPattern(patternOf(graph)) } },
      { edges: given, mask: { left: 0, right: null, from: 0, to: null } },
    );
    const bound = builtInKinds.judged({ mechanism }).kind.pattern(mechanism).bind({ length: 3, head: 0 });
    expect([0, 1, 2].map((row) => bound.intervals(row))).toEqual([
      [0, 2],
      [1, 3],
      [2, 3],
    ]);
    const own = builtInKinds.under({ mechanism: ofPattern(edges(csrOf([[0], [0]]))) }, { edges: given });
    expect(own.kind.pattern(own.mechanism).text).toBe("edges(2 nodes, 3 edges)");
  });

  it("relabels its rows as the nodes are relabelled", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 20, headDim: 4 });
    const { q, k, v } = syntheticSource("gaussian", 1).inputs(shape);
    const drawn = bindVariant(graph, { degree: 4 }, 20);
    const rows = Array.from({ length: 20 }, (_, i) =>
      Array.from({ length: 20 }, (_, j) => j).filter((j) => drawn.attends(i, j)),
    );
    const label = shuffled(20, randomStream(7));
    const relabelled: number[][] = Array.from({ length: 20 }, () => []);
    for (const [i, row] of rows.entries()) relabelled[label[i]] = row.map((j) => label[j]);
    const moved = (from: Float32Array): Float32Array => {
      const to = from.slice();
      for (let i = 0; i < 20; i++) to.set(from.subarray(4 * i, 4 * i + 4), 4 * label[i]);
      return to;
    };
    const of = (
      pattern: ReturnType<typeof patternOf>,
      inputs: { q: Float32Array; k: Float32Array; v: Float32Array },
    ) => {
      const judged = builtInKinds.judged({ mechanism: ofPattern(pattern) });
      return rowOf(reference({ ...judged, shape, causal: false, threads: 1, inputs: { shape, ...inputs } }));
    };
    const before = of(edges(csrOf(rows)), { q, k, v });
    const after = of(edgesOf(completeEdges(csrOf(relabelled))), { q: moved(q), k: moved(k), v: moved(v) });
    for (let i = 0; i < 20; i++) {
      const [was, is] = [before(0, 0, i, float64).values, after(0, 0, label[i], float64).values];
      for (let c = 0; c < 4; c++) expect(is[c]).toBeCloseTo(was[c], 12);
    }
  });
});
