import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { graphSource } from "../../../src/input/graph/graph.ts";
import { refusalOf } from "../refusal.ts";
import { scratchFolder } from "../scratch-folder.ts";

const folder = scratchFolder();
const opened = (content: string | Uint8Array, name = "graph", seed = 0) =>
  graphSource(folder.write(name, content), seed);
const shape = (length: number, headDim = 16) => shapeOf({ batch: 1, heads: 1, length, headDim });

describe("a graph as input", () => {
  it("brings edges that the call is given, and says what it read", async () => {
    const source = await opened("1 2\n2 3\n3 3\n", "list");
    expect(source).toMatchObject({ stored: true, maxLength: 3 });
    expect([...(source.call?.edges?.indices ?? [])]).toEqual([0, 1, 0, 1, 2, 1, 2]);
    expect(source.told?.(shape(3))).toBe("graph: 3 nodes, 2 edges → 1 × 1 heads of 16");
    expect(source.fixed).toBeUndefined();
  });

  it("is known by its content: a matrix, SMILES or a list", async () => {
    const told = async (content: string, name?: string) => (await opened(content, name)).told?.(shape(2));
    expect(await told("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 2\n", "m.txt")).toContain(
      "2 nodes, 1 edge one way",
    );
    expect(await told("CCO\n", "molecule.txt")).toContain("1 molecule, 3 nodes, 2 edges");
    expect(await told("CCO ethanol\nC methane\n", "molecules.smi")).toContain(
      "2 molecules, 4 nodes, 2 edges",
    );
    expect(await told("a b\n", "list.mtx")).toContain("2 nodes, 1 edge →");
  });

  it("may have names in any encoding", async () => {
    expect((await opened(Buffer.from("Jos\xe9,Zo\xeb\nZo\xeb,Ana\n", "latin1"))).maxLength).toBe(3);
    expect((await opened("José,Zoë\nZoë,Ana\n")).maxLength).toBe(3);
    expect((await opened("graph theory\ngraph paper\n")).maxLength).toBe(3);
  });

  it("is read alike whatever ends its lines", async () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      expect((await opened(["1 2", "2 3", ""].join(end))).maxLength).toBe(3);
    }
  });

  it("in UTF-16 is refused with what to do, with a mark or without", async () => {
    const list = "1 2\n2 3\n";
    for (const bytes of [
      Buffer.from(list, "utf16le"),
      Buffer.from(list, "utf16le").swap16(),
      Buffer.from(`\ufeff${list}`, "utf16le"),
      Buffer.from(`\ufeff${list}`, "utf16le").swap16(),
    ]) {
      await expect(opened(bytes)).rejects.toThrow(
        "got text in UTF-16; convert it, such as with iconv -f UTF-16 -t UTF-8",
      );
    }
  });

  it("takes a molecule in the place of a file", async () => {
    const source = await graphSource("smiles=c1ccccc1", 0);
    expect(source).toMatchObject({
      maxLength: 6,
      files: [],
      name: "graph:smiles=c1ccccc1 (untrained projections)",
    });
  });

  it("has nodes without positions: those of the same name and degree are the same, wherever they are", async () => {
    const rows = async (content: string, name: string) => {
      const { q } = (await opened(content, name)).inputs(shape(4));
      return [0, 1, 2, 3].map((node) => [...q.subarray(16 * node, 16 * node + 16)]);
    };
    const one = await rows("a b\nb c\nc d\n", "one");
    const other = await rows("d c\nc b\nb a\n", "other");
    expect(other).toEqual([...one].reverse());
    expect(new Set(one.map((row) => row.join())).size).toBe(4);
  });

  it("has atoms that are alike wherever they are in the molecule", async () => {
    const { v } = (await graphSource("smiles=CCCC", 3)).inputs(shape(4));
    const row = (node: number) => v.subarray(16 * node, 16 * node + 16);
    expect(row(0)).toEqual(row(3));
    expect(row(1)).toEqual(row(2));
    expect(row(0)).not.toEqual(row(1));
  });

  it("has coordinates of variance about 1", async () => {
    const ring = Array.from({ length: 300 }, (_, node) => `${node} ${(node * 7 + 1) % 300}`).join("\n");
    const { q, k, v } = (await opened(ring, "ring")).inputs(shape(300));
    for (const tensor of [q, k, v]) {
      const meanSquare = tensor.reduce((sum, value) => sum + value * value, 0) / tensor.length;
      expect(meanSquare).toBeGreaterThan(0.8);
      expect(meanSquare).toBeLessThan(1.25);
    }
  });

  it.each<[string, string | Uint8Array, string]>([
    ["nothing", "", "must be a list of edges, a Matrix Market file or SMILES, got an empty file"],
    ["white space", " \n\n", "got nothing but white space"],
    ["comments", "# no edges\n", "a graph must have an edge, got none"],
    ["a zip archive", "PK\x03\x04".padEnd(60, "\0"), "got a zip archive; unpack it first"],
    ["a picture", "\x89PNG\r\n", "got a PNG picture; write image:FILE"],
    ["JSON", '{"edges": []}', "got JSON text; list two nodes on a line"],
    ["UTF-16", Buffer.from("\ufeff1 2", "utf16le"), "got text in UTF-16; convert it, such as with iconv"],
    [
      "GraphML",
      '<?xml version="1.0"?>\n<graphml>',
      "got a graph in XML; save it as a list of edges, two nodes on a line",
    ],
    ["GEXF", "<gexf>", "got a graph in XML; save it as a list of edges"],
    ["GML", 'Creator "someone"\ngraph\n[\n  node [\n', "got a graph in GML; save it as a list of edges"],
    ["DOT", "digraph G {\n a -> b\n}", "got a graph in DOT; save it as a list of edges"],
    ["Pajek", "*Vertices 3\n1 a", "got a graph of Pajek; save it as a list of edges"],
    [
      "DIMACS",
      "c a comment\nc\np edge 3 2\ne 1 2\n",
      "got a graph in DIMACS's format; save it as a list of edges",
    ],
    ["one column of numbers", "1\n2\n", "an edge must be two nodes on a line, got '1' in line 1"],
  ])("is refused in one line: %s", async (_, content, message) => {
    const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
    expect(await refusalOf(() => opened(bytes))).toContain(message);
  });
});
