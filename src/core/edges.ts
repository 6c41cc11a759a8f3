import { UsageError } from "./errors.ts";

/**
 * The edges of a graph by rows (CSR): node `i` attends `indices[indptr[i]] … indices[indptr[i + 1] - 1]`,
 * ascending, each once, itself among them. `completeEdges` makes them of any rows.
 */
export interface Edges {
  /** `[nodes + 1]`: from 0, never falling, up to the number of edges. */
  readonly indptr: Uint32Array;
  /** `[edges]`: nodes. */
  readonly indices: Uint32Array;
}

/** The same as they are given: neighbours in any order, some of them twice, nodes that do not name themselves. */
export interface RawEdges {
  readonly indptr: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
}

/** Edges that are held at once, with each node's own: 1 GiB of them. */
export const MOST_EDGES = 2 ** 28;

/** Nodes of a graph. */
export function nodesOf({ indptr }: Edges): number {
  return indptr.length - 1;
}

/**
 * Sorts the neighbours of every node, drops those that are named twice, and adds the node itself. Throws a
 * UsageError if these are no rows of a graph; `where` begins its line, such as a file and a colon.
 */
export function completeEdges({ indptr, indices }: RawEdges, where = "edges: "): Edges {
  checkRows(indptr, indices, where);
  const nodes = indptr.length - 1;
  const ends = new Uint32Array(nodes + 1);
  const complete = new Uint32Array(indices.length + nodes);
  let kept = 0;
  for (let node = 0; node < nodes; node++) {
    const from = kept;
    complete[kept++] = node;
    for (let at = indptr[node]; at < indptr[node + 1]; at++) complete[kept++] = indices[at];
    kept = sortDistinct(complete, from, kept);
    ends[node + 1] = kept;
  }
  return { indptr: ends, indices: kept === complete.length ? complete : complete.slice(0, kept) };
}

/** Sorts `values[from … to-1]` and drops what is there twice; returns where they then end. */
function sortDistinct(values: Uint32Array, from: number, to: number): number {
  const row = values.subarray(from, to).sort();
  let kept = Math.min(1, row.length);
  for (let at = 1; at < row.length; at++) if (row[at] !== row[at - 1]) row[kept++] = row[at];
  return from + kept;
}

function checkRows(indptr: ArrayLike<number>, indices: ArrayLike<number>, where: string): void {
  const refuse = (rule: string): never => {
    throw new UsageError(`${where}${rule}`);
  };
  const nodes = indptr.length - 1;
  if (!(nodes >= 1)) refuse(`indptr must have a number for each node and one more, got ${indptr.length}`);
  if (!(indices.length + nodes <= MOST_EDGES)) {
    refuse(
      `indices must be at most ${MOST_EDGES} with those of ${nodes} nodes themselves, got ${indices.length}; take fewer`,
    );
  }
  if (indptr[0] !== 0) refuse(`indptr must begin at 0, got ${indptr[0]}`);
  for (let node = 0; node < nodes; node++) {
    const [from, to] = [indptr[node], indptr[node + 1]];
    if (!(Number.isInteger(to) && to >= from)) {
      refuse(`indptr must be integers that never fall, got ${from} and then ${to} at node ${node}`);
    }
  }
  if (indptr[nodes] !== indices.length) {
    refuse(`indptr must end at the number of indices, ${indices.length}, got ${indptr[nodes]}`);
  }
  for (let node = 0; node < nodes; node++) {
    for (let at = indptr[node]; at < indptr[node + 1]; at++) {
      const neighbour = indices[at];
      if (Number.isInteger(neighbour) && neighbour >= 0 && neighbour < nodes) continue;
      refuse(`indices must be nodes from 0 to ${nodes - 1}, got ${neighbour} at node ${node}`);
    }
  }
}
