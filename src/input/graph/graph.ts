import { nodesOf } from "../../core/edges.ts";
import { printable } from "../../core/errors.ts";
import { hashText, randomStream } from "../../core/random.ts";
import type { InputSource } from "../../core/tensors.ts";
import { withFile } from "../../files/readable-file.ts";
import { countText } from "../../text/count-text.ts";
import { readWhole } from "../bounded-file.ts";
import { featureRows } from "../feature-rows.ts";
import { wrongUnlessText } from "../file-kind.ts";
import { SAMPLES } from "../samples.ts";
import { standardize } from "../standardize.ts";
import { vectorSource, type WriteRow } from "../vector-source.ts";
import { readEdgeList } from "./edge-list.ts";
import { firstLine } from "./lines.ts";
import { isMatrixMarket, readMatrixMarket } from "./matrix-market.ts";
import { ATOM_FEATURES, type MoleculeGraph, readMolecules } from "./molecules.ts";
import { edgesOf, type RawGraph } from "./raw-graph.ts";

/** The longest file read; about twenty million edges. */
const MOST_BYTES = 2 ** 28;

const MUST = "a list of edges, a Matrix Market file or SMILES";

/** Molecules on the command line instead of a file. */
const INLINE = /^smiles=/i;

/**
 * A graph as attention inputs, the sample if no file is named: tokens are its nodes, which have no positions, and the
 * call's edges are its own. It is a Matrix Market file, SMILES (by its ending, or one word on every line) or a list of
 * edges. An atom's vector is made of what is known of it by a seeded gaussian matrix; any other node's of its own
 * seeded gaussian numbers and the logarithm of its degree.
 */
export async function graphSource(spec: string, seed: number): Promise<InputSource> {
  const isInline = INLINE.test(spec);
  const where = spec === "" ? "sample" : printable(spec);
  const path = spec === "" ? SAMPLES.graph : spec;
  const content = isInline ? spec.replace(INLINE, "") : contentOf(path, where);
  const named = await readGraph(content, isInline || /\.(smi|smiles)$/i.test(path), where);
  const edges = edgesOf(named.graph, where);
  const nodes = nodesOf(edges);
  // Each node's own is no edge of the graph.
  const ways = edges.indices.length - nodes;
  const told = named.graph.bothWays ? countText(ways / 2, "edge") : `${countText(ways, "edge")} one way`;
  const degrees = Float64Array.from(
    { length: nodes },
    (_, node) => edges.indptr[node + 1] - edges.indptr[node] - 1,
  );
  return vectorSource(
    {
      kind: "graph",
      where,
      files: isInline ? [] : [path],
      told: `${named.told}${countText(nodes, "node")}, ${told}`,
      count: nodes,
      call: { edges },
      rows: (width) => named.rows(width, degrees, seed),
    },
    seed,
  );
}

function contentOf(path: string, where: string): string {
  const other = withFile(path, (file) => wrongUnlessText(where, MUST, file, "list two nodes on a line"));
  if (other !== null) throw other;
  // Names are compared, not read: their bytes do.
  const content = readWhole(path, where, MOST_BYTES, "a graph").toString("latin1");
  // Lines that end as on an old Macintosh.
  return content.includes("\n") ? content : content.replaceAll("\r", "\n");
}

interface ReadGraph {
  readonly graph: RawGraph;
  /** What it was besides a graph, such as `3 molecules, `. */
  readonly told: string;
  rows(width: number, degrees: Float64Array, seed: number): WriteRow;
}

async function readGraph(content: string, isSmiles: boolean, where: string): Promise<ReadGraph> {
  if (isMatrixMarket(content)) {
    const graph = readMatrixMarket(content, where);
    return { graph, told: "", rows: nodeRows((node) => String(node + 1)) };
  }
  if (isSmiles || ONE_WORD.test(firstLine(content) ?? "")) {
    const graph = await readMolecules(content, where);
    const told = `${countText(graph.molecules, "molecule")}, `;
    return { graph, told, rows: (width, _, seed) => atomRows(graph, width, seed) };
  }
  const graph = readEdgeList(content, where);
  return { graph, told: "", rows: nodeRows((node) => String(graph.names[node])) };
}

/** One word that begins like an atom. */
const ONE_WORD = /^[A-Za-z[*][^\s,;]*$/;

/** Nodes by what they are called: numbers of their own beside how many neighbours they have. */
function nodeRows(nameOf: (node: number) => string): ReadGraph["rows"] {
  return (width, degrees, seed) => {
    const share = Float64Array.from(degrees, (degree) => Math.log1p(degree));
    standardize(share, 1);
    const common = randomStream(seed, hashText("node degree"));
    const ofDegree = Float64Array.from({ length: width }, () => common.gaussian());
    return (row, node) => {
      const random = randomStream(seed, hashText("node embedding"), hashText(nameOf(node)));
      const size = 1 / Math.hypot(1, share[node]);
      for (let index = 0; index < width; index++) {
        row[index] = size * (random.gaussian() + share[node] * ofDegree[index]);
      }
    };
  };
}

/** Atoms by what is known of them, each as large as any other. */
function atomRows({ features }: MoleculeGraph, width: number, seed: number): WriteRow {
  const embed = featureRows("atoms", ATOM_FEATURES, width, seed);
  return (row, node) => {
    const own = features.slice(node * ATOM_FEATURES, (node + 1) * ATOM_FEATURES);
    const size = Math.sqrt(ATOM_FEATURES) / Math.hypot(...own);
    embed(
      row,
      own.map((value) => size * value),
    );
  };
}
