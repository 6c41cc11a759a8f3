import { completeEdges, type Edges } from "../../core/edges.ts";

/** Nodes and what connects them, as read from a file. */
export interface RawGraph {
  readonly nodes: number;
  /** Node i attends j, for each pair. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Whether a pair is meant both ways. */
  readonly bothWays: boolean;
}

/** The edges of a graph by rows, each once, and each node's own. */
export function edgesOf({ nodes, from, to, bothWays }: RawGraph, where: string): Edges {
  const indptr = new Uint32Array(nodes + 1);
  const count = (node: number) => indptr[node + 1]++;
  from.forEach(count);
  if (bothWays) to.forEach(count);
  for (let node = 0; node < nodes; node++) indptr[node + 1] += indptr[node];
  const next = indptr.slice(0, nodes);
  const indices = new Uint32Array(indptr[nodes]);
  for (let edge = 0; edge < from.length; edge++) {
    indices[next[from[edge]]++] = to[edge];
    if (bothWays) indices[next[to[edge]]++] = from[edge];
  }
  return completeEdges({ indptr, indices }, `${where}: edges.`);
}

/** Numbers that are gathered one after the other, in a tenth of the memory of a list of them. */
export class Gathered {
  #values = new Uint32Array(1024);
  #count = 0;

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Uint32Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  get length(): number {
    return this.#count;
  }

  values(): Uint32Array {
    return this.#values.subarray(0, this.#count);
  }
}
