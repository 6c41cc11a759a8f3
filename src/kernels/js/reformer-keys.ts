import { hashSizes, type Reformer } from "../../mechanisms/selection/declare.ts";
import type { Workspace } from "../workspace.ts";

/** The keys that the queries of a head attend by the buckets of its tokens: every key that some round shows, once. */
export class ReformerKeys {
  readonly #rule: Reformer;
  readonly #length: number;
  readonly #causal: boolean;
  readonly #sorted: SortedRounds;
  readonly #seen: Int32Array;

  /** `hashed` are the buckets of all heads, `[heads, rounds, length]`. */
  constructor(rule: Reformer, length: number, causal: boolean, hashed: Int32Array, workspace: Workspace) {
    this.#rule = rule;
    this.#length = length;
    this.#causal = causal;
    this.#sorted = new SortedRounds(rule, length, hashed, workspace);
    this.#seen = new Int32Array(length);
    workspace.add(this.#seen);
  }

  /** Sorts the tokens of a head, by its place among all of them. */
  open(place: number): void {
    this.#sorted.sort(place * this.#rule.rounds * this.#length);
    this.#seen.fill(0);
  }

  /** Lists the keys of a query, each query once; returns how many they are. */
  list(query: number, to: Int32Array): number {
    const { chunk: size, rounds, sameBucket } = this.#rule;
    const [sorted, seen] = [this.#sorted, this.#seen];
    let count = 0;
    for (let round = 0; round < rounds; round++) {
      const first = round * this.#length;
      const chunk = Math.floor(sorted.ranks[first + query] / size);
      const end = Math.min(this.#length, (chunk + 1) * size);
      for (let rank = Math.max(0, (chunk - 1) * size); rank < end; rank++) {
        const key = sorted.order[first + rank];
        if (seen[key] === query + 1 || key === query || (this.#causal && key > query)) continue;
        if (sameBucket && !sorted.sameBucket(round, query, key)) continue;
        seen[key] = query + 1;
        to[count++] = key;
      }
    }
    // A query attends its own token only where it sees no other.
    if (count === 0) to[count++] = query;
    return count;
  }
}

/** The tokens of each round by bucket and position: a counting sort. */
class SortedRounds {
  /** Token by rank and rank by token, `[rounds, length]`. */
  readonly order: Int32Array;
  readonly ranks: Int32Array;
  readonly #counts: Int32Array;
  readonly #hashed: Int32Array;
  readonly #length: number;
  #from = 0;

  constructor(rule: Reformer, length: number, hashed: Int32Array, workspace: Workspace) {
    this.order = new Int32Array(rule.rounds * length);
    this.ranks = new Int32Array(rule.rounds * length);
    this.#counts = new Int32Array(hashSizes(rule, length).buckets);
    this.#hashed = hashed;
    this.#length = length;
    workspace.add(this.order, this.ranks, this.#counts);
  }

  /** Sorts the rounds of a head, whose buckets begin at `from`. */
  sort(from: number): void {
    this.#from = from;
    const counts = this.#counts;
    for (let first = 0; first < this.order.length; first += this.#length) {
      counts.fill(0);
      for (let token = 0; token < this.#length; token++) counts[this.#hashed[from + first + token]]++;
      let before = 0;
      for (let bucket = 0; bucket < counts.length; bucket++) {
        const count = counts[bucket];
        counts[bucket] = before;
        before += count;
      }
      for (let token = 0; token < this.#length; token++) {
        const rank = counts[this.#hashed[from + first + token]]++;
        this.ranks[first + token] = rank;
        this.order[first + rank] = token;
      }
    }
  }

  sameBucket(round: number, one: number, other: number): boolean {
    const at = this.#from + round * this.#length;
    return this.#hashed[at + one] === this.#hashed[at + other];
  }
}
