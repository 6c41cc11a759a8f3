import type { Edges } from "./edges.ts";
import type { PatternTerms } from "./table-one.ts";

/**
 * What an attention pattern is. A pattern is the set `A(i)` of keys that each query row `i` may attend; the
 * primitives and their algebra are in `src/pattern/`. The N×N mask is never built.
 */

/**
 * Sorted, disjoint, half-open key ranges, flat: `[from, to, from, to, …]`, none empty, none touching the
 * next.
 */
export type Intervals = readonly number[];

/** Total number of keys. */
export function measure(ranges: Intervals): number {
  let total = 0;
  for (let at = 0; at < ranges.length; at += 2) total += ranges[at + 1] - ranges[at];
  return total;
}

/**
 * Keys `j` with `(i - j) mod stride = 0`, `i - left <= j <= i + right` and `from <= j < to`. `stride` is at
 * least 2; `left` or `right` may be negative; without `from` and `to` all keys may be attended.
 */
export interface Comb {
  readonly stride: number;
  readonly left: number;
  readonly right: number;
  readonly from?: number;
  readonly to?: number;
}

/** A pattern without a length: the sentence that a variant declares. */
export interface Pattern {
  /** As written, such as `union(band(128, 128), comb(64))`. */
  readonly text: string;
  /** Whether heads differ from one another. */
  readonly perHead: boolean;
  /** Heads this far apart have the same pattern; omitted if all heads differ, or none. */
  readonly headPeriod?: number;
  /**
   * Whether it draws from the keys that the rest of a union leaves uncovered, and so binds after the rest.
   */
  readonly drawsFromRest: boolean;
  /** The parts of a union; empty for anything else. */
  readonly parts: readonly Pattern[];
  /** Whether causality is not defined for it, such as for windows of an image; omitted if it is. */
  readonly neverCausal?: boolean;
  /**
   * Whether it cannot be decoded token by token, such as the edges of a graph, of which all nodes are known;
   * omitted if it can.
   */
  readonly neverDecoded?: boolean;
  /** The same over the edges that a call gives, in the place of edges that it draws; omitted if it draws none. */
  withEdges?(given: Edges): Pattern;
  /**
   * Why it is not defined for so many tokens, in words that follow its text, with what to do; null if it is.
   * Omitted if it is for any number. `bind` does not ask.
   */
  whyNot?(length: number): string | null;
  /** Pixels in a row, if tokens are the pixels of an image, row by row; for pictures alone. */
  readonly imageWidth?: number;
  /** Its usual name, for pictures; omitted if none fits. */
  readonly role?: PatternRole;
  /** What Table 1 says of it, with or without the future; omitted if nothing is known. */
  terms?(causal: boolean): PatternTerms;
  bind(context: PatternContext): BoundPattern;
}

export type PatternRole = "full" | "local" | "stride" | "global" | "random";

/** What a pattern is bound to: a length, and a head. */
export interface PatternContext {
  /** Tokens N. */
  readonly length: number;
  /** Head index, from 0; only patterns with `perHead` use it. */
  readonly head: number;
  /** What the rest of a union covers; only patterns with `drawsFromRest` use it. */
  readonly rest?: BoundPattern;
}

/**
 * A pattern at one length and one head. `attends` is the definition and the only thing the reference reads;
 * the other members say the same in intervals, and are all that schedules and kernels read. Property tests
 * check that they agree.
 */
export interface BoundPattern {
  /** Keys. */
  readonly length: number;
  /** Rows, if queries are other tokens than the keys; omitted if they are the same. */
  readonly queries?: number;
  /** Whether `key` is in `A(query)`. */
  attends(query: number, key: number): boolean;
  /** All of `A(query)`. */
  intervals(query: number): Intervals;
  /** The exact number of (query, key) pairs. */
  pairs(): number;

  /** The contiguous part of `A(query)`; together with `combs` it is all of it. The two may overlap. */
  runs(query: number): Intervals;
  /** The strided part of `A(i)`, the same for every row. */
  readonly combs: readonly Comb[];
  /**
   * Keys in `runs` of some row of `from <= i < to`; may contain others, so that it costs O(parts) and not
   * O(rows).
   */
  someRuns(from: number, to: number): Intervals;
  /** Keys in `runs` of every row of `from <= i < to`; may omit some, for the same reason. */
  everyRuns(from: number, to: number): Intervals;
  /**
   * Whether `runs` repeat along the diagonal: for every row `i` and key `j` of an area, `j` is in the runs of
   * `i` exactly if `j + by` is in those of `i + by`. May say no although they do; omitted if nothing is
   * known. What was compiled for one group of rows can then be used for others.
   */
  repeats?(area: Area, by: number): boolean;
  /** Pairs of `runs` that are denser in another order of the tokens; omitted if none are. */
  readonly gathered?: Gathered;
}

/**
 * How pairs of `runs` lie side by side in other orders of the tokens than their own: a hint to those who
 * compute them, which adds no pair and takes none away.
 */
export interface Gathered {
  /** The rest: a pair of `runs` that is in no class is in its runs; null if there is none. */
  readonly rest: BoundPattern | null;
  /**
   * Each a way to put the tokens into classes. Every row is in one class of each; `classes` makes them anew,
   * since there may be as many as tokens.
   */
  readonly orders: ReadonlyArray<{ classes(): Iterable<TokenClass> }>;
}

/** Queries and keys many pairs of which are in `runs`: it is those that belong to the class. */
export interface TokenClass {
  /** Rows. */
  readonly queries: ArrayLike<number>;
  /** Keys in rising order. */
  readonly keys: ArrayLike<number>;
  /**
   * Keys, by their places in `keys`, that some of the queries at places `from … to-1` attend; may contain
   * others. If omitted, each row is asked.
   */
  reach?(from: number, to: number): Intervals;
}

/** Rows of a pattern. */
export function rowsOf({ length, queries = length }: Pick<BoundPattern, "length" | "queries">): number {
  return queries;
}

/** Rows `rowFrom <= i < rowTo` and keys `keyFrom <= j < keyTo`. */
export interface Area {
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly keyFrom: number;
  readonly keyTo: number;
}
