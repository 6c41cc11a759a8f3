import type { KeyMask } from "./call-settings.ts";
import type { Shape } from "./shape.ts";

/** Work that the mathematics requires, whatever a kernel does. */
export interface UsefulWork {
  /** Query-key pairs of one head, the mean over heads if heads differ; null if rows are not made of pairs. */
  readonly pairs: number | null;
  /**
   * Floating-point operations of the products, over batch and heads: a multiplication and an addition count
   * two.
   */
  readonly usefulFlops: number;
  /** Those of them that choose what a query reads; omitted if nothing is chosen. */
  readonly selectFlops?: number;
  /** Those of them that multiply with the weights of a layer; omitted if there is no layer. */
  readonly projectFlops?: number;
}

/** The floating-point operations of full attention. */
export function fullFlops(shape: Shape, causal: boolean): number {
  return pairFlops(shape, shape.heads * fullPairs(shape, causal));
}

/** How many keys and queries there are. */
type Tokens = Pick<Shape, "length" | "queries">;

/**
 * Query-key pairs of one head of full attention: all, or those of a query with the keys up to its own, the
 * last query standing at the last key; without those that a mask excludes.
 */
export function fullPairs(tokens: Tokens, causal: boolean, mask?: KeyMask): number {
  const { length, queries } = tokens;
  if (mask === undefined) {
    if (!causal) return length * queries;
    // Queries before the first key see nothing.
    const rows = Math.min(length, queries);
    return rows * length - (rows * (rows - 1)) / 2;
  }
  const { left, right, from, to } = mask;
  const ahead = Math.min(right ?? Number.POSITIVE_INFINITY, causal ? 0 : Number.POSITIVE_INFINITY);
  const keys = [from, Math.min(length, to ?? length)] as const;
  const within = pairsWithin(tokens, keys, left ?? Number.POSITIVE_INFINITY);
  return Math.max(0, within - pairsWithin(tokens, keys, -ahead - 1));
}

/**
 * Pairs of a query at `length - queries <= i < length` and a key `from <= j < to` with `i - j <= most`: Σ_j
 * of the queries up to `j + most`, clamped to 0 … queries.
 */
function pairsWithin(
  { length, queries }: Tokens,
  [from, to]: readonly [number, number],
  most: number,
): number {
  if (!(from < to)) return 0;
  if (!Number.isFinite(most)) return most > 0 ? queries * (to - from) : 0;
  const before = length - queries;
  const [first, last] = [from + most + 1 - before, to + most - before];
  const [low, high] = [Math.max(first, 1), Math.min(last, queries)];
  const rising = low <= high ? ((low + high) * (high - low + 1)) / 2 : 0;
  return rising + queries * Math.max(0, last - Math.max(queries, first - 1));
}

/** Keys of one row of full attention. */
export function fullRowPairs(query: number, length: number, causal: boolean, mask?: KeyMask): number {
  const past = causal ? query + 1 : length;
  if (mask === undefined) return past;
  const { left, right, from, to } = mask;
  const end = Math.min(past, length, to ?? length, right === null ? length : query + right + 1);
  return Math.max(0, end - Math.max(from, left === null ? 0 : query - left));
}

/** The floating-point operations of `pairs` in all heads of one batch entry. */
export function pairFlops(
  { batch, headDim, valueDim }: Pick<Shape, "batch" | "headDim" | "valueDim">,
  pairs: number,
): number {
  return 2 * (headDim + valueDim) * batch * pairs;
}
