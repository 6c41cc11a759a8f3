import type { Workspace } from "../workspace.ts";

/** What centres took, `[heads, clusters, window]` each. */
export interface Taken {
  readonly queries: Int32Array;
  readonly keys: Int32Array;
}

interface RoutingSizes {
  readonly length: number;
  readonly clusters: number;
  readonly window: number;
  readonly causal: boolean;
}

/** The keys that the queries of a head attend: those of every centre that took the query, each once. */
export class RoutingKeys {
  readonly #taken: Taken;
  readonly #sizes: RoutingSizes;
  /** Of each query where its centres begin among `takers`. */
  readonly #takenAt: Int32Array;
  readonly #takers: Int32Array;
  readonly #seen: Int32Array;
  #from = 0;

  constructor(taken: Taken, sizes: RoutingSizes, workspace: Workspace) {
    this.#taken = taken;
    this.#sizes = sizes;
    this.#takenAt = new Int32Array(sizes.length + 1);
    this.#takers = new Int32Array(sizes.clusters * sizes.window);
    this.#seen = new Int32Array(sizes.length);
    workspace.add(this.#takenAt, this.#takers, this.#seen);
  }

  /** Finds which centres took each query of a head, in their order; the head by its place among all of them. */
  open(place: number): void {
    const { length, clusters, window } = this.#sizes;
    const { queries } = this.#taken;
    const takenAt = this.#takenAt;
    const from = place * clusters * window;
    this.#from = from;
    takenAt.fill(0);
    for (let n = 0; n < clusters * window; n++) takenAt[queries[from + n] + 1]++;
    for (let query = 0; query < length; query++) takenAt[query + 1] += takenAt[query];
    for (let n = clusters * window - 1; n >= 0; n--) {
      this.#takers[--takenAt[queries[from + n] + 1]] = Math.floor(n / window);
    }
    this.#seen.fill(0);
  }

  /** Lists the keys of a query, each query once; returns how many they are. */
  list(query: number, to: Int32Array): number {
    const { length, window, causal } = this.#sizes;
    const [takenAt, takers, seen] = [this.#takenAt, this.#takers, this.#seen];
    const end = query + 1 < length ? takenAt[query + 2] : takers.length;
    let count = 0;
    for (let n = takenAt[query + 1]; n < end; n++) {
      const first = this.#from + takers[n] * window;
      for (let at = first; at < first + window; at++) {
        const key = this.#taken.keys[at];
        if (seen[key] === query + 1 || (causal && key > query)) continue;
        seen[key] = query + 1;
        to[count++] = key;
      }
    }
    return count;
  }
}
