import { describe, expect, it } from "vitest";
import { completeEdges } from "../../src/core/edges.ts";
import { findVariant } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { callOfCase } from "../../src/mechanisms/call-of-case.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { planRun } from "../../src/plan/plan.ts";
import { variants } from "../../variants/index.ts";
import { refusal } from "../input/refusal.ts";
import { csrOf } from "../pattern/arbitrary-patterns.ts";

const edges = completeEdges(csrOf([[1], [2], [0, 1], []]));

const planned = (ids: readonly string[], set: Record<string, unknown> = {}, lengths = [4], given = true) =>
  planRun(
    {
      kinds: builtInKinds,
      variants: ids.map((id) => ({ variant: findVariant(variants, id), overrides: set })),
      kernels: [js],
      lengths,
      batch: 1,
      heads: 1,
      headDim: 8,
      causal: false,
      call: given ? { edges } : {},
      threads: 1,
      input: "graph.safetensors",
      plugins: [],
      simd: "auto",
      seed: 1,
      rounds: 1,
      budgetSeconds: 1,
      deadlineSeconds: 1,
    },
    [js],
  ).cases;

describe("a plan over an input with edges of its own", () => {
  it("says how many a variant is computed over, and claims nothing of how others are drawn", () => {
    const [graph, local] = planned(["graph", "local"]);
    expect(graph).toMatchObject({ case: "graph/js/b1h1n4d8/edges=8", params: {}, given_edges: 8 });
    expect(graph.useful_flops).toBe(2 * 16 * 8);
    expect(local.params).toMatchObject({ window: 128 });
    expect(local).not.toHaveProperty("given_edges");
    expect(JSON.stringify(graph)).not.toContain("indptr");
  });

  it("draws where the input has none", () => {
    const [graph] = planned(["graph"], {}, [4], false);
    expect(graph).toMatchObject({ params: { degree: 8, seed: 0 } });
    expect(graph).not.toHaveProperty("given_edges");
  });

  it("does not run at a length that is not the graph's", () => {
    expect(planned(["graph"], {}, [3])[0].unsupported).toBe(
      "edges(4 nodes, 8 edges) has 4 nodes, and as many tokens are needed, got 3; choose that length",
    );
  });

  it("refuses to be told how edges are drawn", () => {
    expect(refusal(() => planned(["graph"], { degree: 3 }))).toBe(
      "--set: graph.degree says how edges are drawn, and the input has its own; omit it, or the input's edges",
    );
  });

  const heads = { heads: 1, head_dim: 8 };

  it("finds its edges in the input again, or says that they are gone", () => {
    expect(callOfCase({ ...heads, given_edges: 8, scale: 2 }, { edges })).toEqual({
      scale: 2,
      mask: undefined,
      edges,
    });
    expect(callOfCase(heads, { edges })).toEqual({});
    for (const [call, got] of [
      [undefined, "none"],
      [{ edges: completeEdges(csrOf([[0]])) }, "1"],
    ] as const) {
      expect(refusal(() => callOfCase({ ...heads, given_edges: 8 }, call))).toBe(
        `plan: the input must have 8 edges, each node's own among them, got ${got}; restore it, or plan anew`,
      );
    }
  });
});
