import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capturedFile } from "../../src/input/captured.ts";
import { edgesOf } from "../../src/pattern/edges.ts";
import { csrOf, rawEdges } from "../pattern/arbitrary-patterns.ts";
import { expectDefinition, inEdges } from "../pattern/brute-force.ts";
import { type RawIntegers, rawGraph } from "./raw-graphs.ts";
import { refusal } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const opened = (tokens: number, others: Readonly<Record<string, RawIntegers>>) =>
  capturedFile(folder.write("graph.safetensors", rawGraph(tokens, others)));

/** A graph of three nodes, with something else in the place of what is right. */
const graph = (other: Partial<Record<"edges.indptr" | "edges.indices", Partial<RawIntegers>>> = {}) => ({
  "edges.indptr": { dtype: "I64", values: [0, 2, 2, 3], ...other["edges.indptr"] } as RawIntegers,
  "edges.indices": { dtype: "I32", values: [2, 1, 0], ...other["edges.indices"] } as RawIntegers,
});

describe("the edges in a file of tensors", () => {
  it("are the rows of a graph, whatever their order, with each node's own", () => {
    const types = fc.constantFrom("I32", "I64", "U8", "U16", "U32", "U64");
    fc.assert(
      fc.property(rawEdges, types, types, (rows, ofRows, ofNodes) => {
        const { indptr, indices } = csrOf(rows.map((row) => row.slice(0, 1)));
        const source = opened(rows.length, {
          "edges.indptr": { dtype: ofRows, values: indptr },
          "edges.indices": { dtype: ofNodes, values: indices },
        });
        const edges = source.call?.edges;
        if (edges === undefined) throw new TypeError("it has none");
        const bound = edgesOf(edges).bind({ length: rows.length, head: 0 });
        expectDefinition(bound, inEdges(rows.map((row) => row.slice(0, 1))));
      }),
      { numRuns: 40 },
    );
  });

  it("are none in a file without them, and are those of the keys where queries are fewer", () => {
    expect(opened(3, {}).call?.edges).toBeUndefined();
    expect([...(opened(3, graph()).call?.edges?.indices ?? [])]).toEqual([0, 1, 2, 1, 0, 2]);
    const alone = opened(
      3,
      graph({ "edges.indptr": { values: [0, 0, 0, 0] }, "edges.indices": { values: [] } }),
    );
    expect([...(alone.call?.edges?.indices ?? [])]).toEqual([0, 1, 2]);
  });

  it.each<[string, ReturnType<typeof graph> | object]>([
    [
      "edges must have edges.indptr and edges.indices, got edges.indptr without edges.indices; save both",
      { "edges.indptr": graph()["edges.indptr"] },
    ],
    [
      "edges must have edges.indptr and edges.indices, got edges.indices without edges.indptr; save both",
      { "edges.indices": graph()["edges.indices"] },
    ],
    [
      "edges.indptr must be integers, such as I32 or I64, got F32; save it with .long()",
      graph({ "edges.indptr": { dtype: "F32" } }),
    ],
    [
      "edges.indices must be integers, such as I32 or I64, got BOOL; save it with .long()",
      graph({ "edges.indices": { dtype: "BOOL", values: [1, 0, 1] } }),
    ],
    [
      "edges.indices must have one dimension, got [1, 3]; save the rows of a CSR matrix",
      graph({ "edges.indices": { shape: [1, 3] } }),
    ],
    [
      "edges.indptr must have 4 numbers, where the edges of each of 3 tokens begin and where the last end, got 3; save the graph of these tokens",
      graph({ "edges.indptr": { values: [0, 2, 3] } }),
    ],
    ["edges.indptr must begin at 0, got 1", graph({ "edges.indptr": { values: [1, 2, 2, 3] } })],
    [
      "edges.indptr must be integers that never fall, got 2 and then -1 at node 1",
      graph({ "edges.indptr": { values: [0, 2, -1, 3] } }),
    ],
    [
      "edges.indptr must end at the number of indices, 3, got 2",
      graph({ "edges.indptr": { values: [0, 2, 2, 2] } }),
    ],
    [
      "edges.indices must be nodes from 0 to 2, got 3 at node 0",
      graph({ "edges.indices": { values: [2, 3, 0] } }),
    ],
    [
      "edges.indices must be nodes from 0 to 2, got -1 at node 2",
      graph({ "edges.indices": { values: [2, 1, -1] } }),
    ],
  ])("are refused in one line: %s", (message, tensors) => {
    const told = refusal(() => opened(3, tensors as ReturnType<typeof graph>));
    expect(told.endsWith(`graph.safetensors: ${message}`)).toBe(true);
  });

  it("are refused in a file that is cut short", () => {
    const whole = rawGraph(3, graph());
    const path = folder.write("short.safetensors", whole.subarray(0, whole.length - 4));
    expect(refusal(() => capturedFile(path))).toContain("is it cut short");
  });
});
