import { UsageError } from "../core/errors.ts";
import type { Bias } from "./bias.ts";

/** Which distances share a number of T5's table. */
export interface T5Buckets {
  /** Numbers per head. */
  readonly buckets: number;
  /** The distance from which on all share the last one. */
  readonly distance: number;
  readonly seed: number;
}

/** The most buckets: their edges are found in integers as long as this many digits of the distance. */
const MOST_BUCKETS = 1024;
const MOST_DISTANCE = 2 ** 24;

/**
 * T5's relative position bias: a learned number for each range of distances, exact ones for near keys and
 * wider and wider ranges for far ones. If not causal, half of the buckets are for keys after the query. Raffel
 * et al. 2019, arXiv 1910.10683.
 */
export function t5Bias({ buckets, distance, seed }: T5Buckets): Bias {
  const least = 4;
  if (!(Number.isInteger(buckets) && buckets >= least && buckets <= MOST_BUCKETS && buckets % 2 === 0)) {
    throw new UsageError(
      `t5: buckets must be an even number from ${least} to ${MOST_BUCKETS}, got ${buckets}`,
    );
  }
  if (!(Number.isInteger(distance) && distance > buckets / 2 && distance <= MOST_DISTANCE)) {
    throw new UsageError(
      `t5: distance must be an integer of more than ${buckets / 2}, half of the buckets, and at most ${MOST_DISTANCE}, got ${distance}`,
    );
  }
  return {
    text: `t5:${buckets}:${distance}:${seed}`,
    table: { entries: buckets, stream: "t5-bias/table", seed },
    bind({ causal, table }) {
      const own = causal ? buckets : buckets / 2;
      const edges = bucketEdges(own, distance);
      const of = (ahead: number): number => {
        if (causal) return table[bucketOf(Math.max(0, -ahead), edges)];
        return table[bucketOf(Math.abs(ahead), edges) + (ahead > 0 ? own : 0)];
      };
      return { at: (query, key) => of(key - query), of };
    },
  };
}

/** The last bucket that begins at or before a distance. */
function bucketOf(distance: number, edges: readonly number[]): number {
  let [low, high] = [0, edges.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= distance) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Where each of `buckets` begins: the first half at every distance, the others so that their logarithms are
 * evenly spaced up to `most`. Bucket `half + t` begins at the least n with `n^rest · half^t ≥ most^t ·
 * half^rest`, `rest` being the buckets of the second half: in integers, where the usual formula rounds
 * logarithms.
 */
export function bucketEdges(buckets: number, most: number): number[] {
  const half = Math.floor(buckets / 2);
  const rest = buckets - half;
  const edges = Array.from({ length: half }, (_, distance) => distance);
  for (let t = 0; t < rest; t++) {
    const bound = BigInt(most) ** BigInt(t) * BigInt(half) ** BigInt(rest);
    const factor = BigInt(half) ** BigInt(t);
    const reaches = (n: number): boolean => BigInt(n) ** BigInt(rest) * factor >= bound;
    let [low, high] = [half, most];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (reaches(middle)) high = middle;
      else low = middle + 1;
    }
    edges.push(low);
  }
  return edges;
}
