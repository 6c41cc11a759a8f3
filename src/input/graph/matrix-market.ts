import { printable, UsageError } from "../../core/errors.ts";
import { Lines } from "./lines.ts";
import type { RawGraph } from "./raw-graph.ts";

const BANNER = "%%MatrixMarket";
/** The most nodes: beyond them a few bytes could claim all memory. */
const MOST_NODES = 2 ** 24;

/** Whether a file says that it is one, after its byte order mark. */
export function isMatrixMarket(content: string): boolean {
  return /^(\xef\xbb\xbf)?%%MatrixMarket\s/i.test(content);
}

/**
 * A sparse matrix in NIST's exchange format (Boisvert, Pozo, Remington 1996, NISTIR 5935): row i attends column j, and
 * the other way round if the matrix is symmetric in any sense. Values are left alone, as are entries twice.
 */
export function readMatrixMarket(content: string, where: string): RawGraph {
  const lines = new Lines(content);
  lines.next();
  const banner = lines.text;
  const [, object, format, , symmetry] = banner.toLowerCase().split(/\s+/);
  if (object !== "matrix" || format !== "coordinate") {
    throw new UsageError(
      `${where}: a matrix of edges must be a coordinate matrix, got '${printable(banner.slice(BANNER.length).trim(), 60)}'; save it as sparse`,
    );
  }
  let graph: Pick<RawGraph, "nodes" | "from" | "to"> | null = null;
  let read = 0;
  const pair = new Float64Array(2);
  while (lines.next()) {
    if (lines.isComment) continue;
    if (graph === null) {
      graph = sizesOf(lines.text, content.length, where);
      continue;
    }
    const { nodes, from, to } = graph;
    if (read === from.length) {
      throw new UsageError(
        `${where}: the matrix must have ${read} entries, as it says, got more in line ${lines.number}; save it again`,
      );
    }
    if (!(lines.wholePair(pair) && isNode(pair[0], nodes) && isNode(pair[1], nodes))) {
      throw new UsageError(
        `${where}: entries must be rows and columns from 1 to ${nodes}, got '${printable(lines.text, 40)}' in line ${lines.number}; save it again`,
      );
    }
    from[read] = pair[0] - 1;
    to[read++] = pair[1] - 1;
  }
  if (graph === null) {
    throw new UsageError(`${where}: the matrix must say its size, got no line with it; save it again`);
  }
  if (read !== graph.from.length) {
    throw new UsageError(
      `${where}: the matrix must have ${graph.from.length} entries, as it says, got ${read}; was writing or loading it cut short?`,
    );
  }
  return { ...graph, bothWays: symmetry !== undefined && symmetry !== "general" };
}

function isNode(value: number, nodes: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= nodes;
}

/** Rows, columns and entries, as a file of so many characters can have them. */
function sizesOf(line: string, characters: number, where: string): Pick<RawGraph, "nodes" | "from" | "to"> {
  const [rows, columns, entries] = line.split(/\s+/, 3).map(Number);
  if (!(isNode(rows, MOST_NODES) && rows === columns)) {
    throw new UsageError(
      `${where}: the matrix of a graph must be square, of 1 to ${MOST_NODES} nodes, got ${rows} × ${columns}; save the edges of one graph`,
    );
  }
  // An entry is four characters long at least: a size that is a lie takes no memory.
  if (!(Number.isInteger(entries) && entries >= 0 && 4 * entries <= characters)) {
    throw new UsageError(
      `${where}: the matrix must have as many entries as it says, got ${entries} for a file of ${characters} bytes; was writing or loading it cut short?`,
    );
  }
  return { nodes: rows, from: new Uint32Array(entries), to: new Uint32Array(entries) };
}
