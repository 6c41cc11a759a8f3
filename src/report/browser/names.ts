import type { Entry } from "../ranking/entry.ts";

/** What rows of charts call series and variants, and which places of entries that is. */
export interface Names {
  /** The places of the series, or else of the variant, of this name. */
  placesOf(name: string): readonly number[];
  /** What charts call the series at a place: different ones may use different names. */
  namesOf(place: number): readonly string[];
  /** The names of series of which no place is shown. */
  seriesWithin(hidden: ReadonlySet<number>): readonly string[];
  /** The names of variants of which no place is shown. */
  variantsWithin(hidden: ReadonlySet<number>): readonly string[];
}

export function namesOf(entries: readonly Entry[]): Names {
  const series = new Map<string, number[]>();
  const variants = new Map<string, number[]>();
  for (const { names, variantLabel, place } of entries) {
    for (const name of names) series.set(name, [...(series.get(name) ?? []), place]);
    variants.set(variantLabel, [...(variants.get(variantLabel) ?? []), place]);
  }
  const within = (names: ReadonlyMap<string, readonly number[]>, hidden: ReadonlySet<number>) =>
    [...names].filter(([, places]) => places.every((place) => hidden.has(place))).map(([name]) => name);
  return {
    placesOf: (name) => series.get(name) ?? variants.get(name) ?? [],
    namesOf: (place) => entries.find((entry) => entry.place === place)?.names ?? [],
    seriesWithin: (hidden) => within(series, hidden),
    variantsWithin: (hidden) => within(variants, hidden),
  };
}
