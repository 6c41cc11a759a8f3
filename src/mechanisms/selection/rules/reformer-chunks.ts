import type { Reformer } from "../declare.ts";

/** Which tokens share a chunk, or one and the next, in some round. */
export interface SortedRounds {
  /** Whether some round lets a query see a key: in its chunk or the one before, and in its bucket if only that is seen. */
  sees(query: number, key: number): boolean;
}

/** Sorts the tokens of each round by bucket and position, and cuts them into chunks; `buckets` is `[rounds, length]`. */
export function sortRounds(
  { rounds, chunk, sameBucket }: Reformer,
  length: number,
  buckets: Int32Array,
): SortedRounds {
  const chunkOf = new Int32Array(rounds * length);
  for (let first = 0; first < chunkOf.length; first += length) {
    const order = Array.from({ length }, (_, token) => token).sort(
      (a, b) => buckets[first + a] - buckets[first + b] || a - b,
    );
    for (const [rank, token] of order.entries()) chunkOf[first + token] = Math.floor(rank / chunk);
  }
  return {
    sees(query, key) {
      for (let first = 0; first < chunkOf.length; first += length) {
        const back = chunkOf[first + query] - chunkOf[first + key];
        if (back !== 0 && back !== 1) continue;
        if (!sameBucket || buckets[first + query] === buckets[first + key]) return true;
      }
      return false;
    },
  };
}

/**
 * The keys of a query: those that some round shows, none later if it is causal, and not the query's own token, unless it is
 * alone.
 */
export function keysSeen(
  { sees }: SortedRounds,
  query: number,
  length: number,
  causal: boolean,
): (key: number) => boolean {
  const end = causal ? query + 1 : length;
  const others = (key: number): boolean => key < end && key !== query && sees(query, key);
  for (let key = 0; key < end; key++) if (others(key)) return others;
  return (key) => key === query;
}
