import type { Bias, BoundBias } from "./bias.ts";
import type { TokenRange } from "./turn-table.ts";

/** The distances that any pair of a call has, and the places of its tokens if they are not their numbers. */
export interface BiasTables {
  readonly least: number;
  /** Distances, from `least` on: what a head's table holds. */
  readonly count: number;
  /** The place of each token, from the first query or key on; null if tokens are their own places. */
  readonly places: Int32Array | null;
}

/** What tables are needed for keys `0 … keys - 1` and queries `queries.from … queries.to - 1`. */
export function biasTables({ place }: Bias, keys: number, queries: TokenRange): BiasTables {
  if (place === undefined) {
    const least = 1 - queries.to;
    return { least, count: keys - queries.from - least, places: null };
  }
  const first = Math.min(0, queries.from);
  const places = Int32Array.from({ length: Math.max(keys, queries.to) - first }, (_, at) =>
    place(first + at),
  );
  const [leastKey, mostKey] = extent(places.subarray(-first, keys - first));
  const [leastQuery, mostQuery] = extent(places.subarray(queries.from - first, queries.to - first));
  const least = leastKey - mostQuery;
  return { least, count: mostKey - leastQuery - least + 1, places };
}

function extent(places: Int32Array): readonly [least: number, most: number] {
  let [least, most] = [places[0], places[0]];
  for (const place of places) {
    least = Math.min(least, place);
    most = Math.max(most, place);
  }
  return [least, most];
}

/** Fills a head's table with what is added at each distance, times `unit`. */
export function fillBiases(
  { of }: BoundBias,
  { least, count }: BiasTables,
  unit: number,
  table: Float32Array,
): void {
  for (let at = 0; at < count; at++) table[at] = unit * of(least + at);
}
