import { printable, UsageError } from "../../core/errors.ts";
import { linesOf } from "./lines.ts";
import type { RawGraph } from "./raw-graph.ts";

const BANNER = "%%MatrixMarket";
/** The most nodes and entries: beyond them a few bytes could claim all memory. */
const MOST = 2 ** 27;

/** Whether a file says that it is one, after its byte order mark. */
export function isMatrixMarket(content: string): boolean {
  return /^(\xef\xbb\xbf)?%%MatrixMarket\s/i.test(content);
}

/**
 * A sparse matrix in NIST's exchange format (Boisvert, Pozo, Remington 1996, NISTIR 5935): row i attends column j, and
 * the other way round if the matrix is symmetric in any sense. Values are left alone, as are entries twice.
 */
export function readMatrixMarket(content: string, where: string): RawGraph {
  const lines = linesOf(content);
  const banner = lines.next().value?.text ?? "";
  const [, object, format, , symmetry] = banner.toLowerCase().split(/\s+/);
  if (object !== "matrix" || format !== "coordinate") {
    throw new UsageError(
      `${where}: a matrix of edges must be a coordinate matrix, got '${printable(banner.slice(BANNER.length).trim(), 60)}'; save it as sparse`,
    );
  }
  let graph: { nodes: number; from: Uint32Array; to: Uint32Array } | null = null;
  let read = 0;
  for (const { text, number } of lines) {
    if (text.startsWith("%")) continue;
    const [first, second, third] = text.split(/\s+/, 3).map(Number);
    if (graph === null) {
      graph = sizesOf(first, second, third, where);
      continue;
    }
    const { nodes, from, to } = graph;
    if (read === from.length) {
      throw new UsageError(
        `${where}: the matrix must have ${read} entries, as it says, got more in line ${number}; save it again`,
      );
    }
    if (!(isNode(first, nodes) && isNode(second, nodes))) {
      throw new UsageError(
        `${where}: entries must be rows and columns from 1 to ${nodes}, got '${printable(text, 40)}' in line ${number}; save it again`,
      );
    }
    from[read] = first - 1;
    to[read++] = second - 1;
  }
  if (graph === null)
    throw new UsageError(`${where}: the matrix must say its size, got no line with it; save it again`);
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

function sizesOf(rows: number, columns: number, entries: number, where: string) {
  if (!(isNode(rows, MOST) && rows === columns)) {
    throw new UsageError(
      `${where}: the matrix of a graph must be square, of 1 to ${MOST} nodes, got ${rows} × ${columns}; save the edges of one graph`,
    );
  }
  if (!(Number.isInteger(entries) && entries >= 0 && entries <= MOST)) {
    throw new UsageError(`${where}: the matrix must have 0 to ${MOST} entries, got ${entries}; take fewer`);
  }
  return { nodes: rows, from: new Uint32Array(entries), to: new Uint32Array(entries) };
}
