import type { Facet, Overview } from "./overview.ts";

/** Settings that some class of machines has and another lacks, by the other. */
export function lackingOf(facets: readonly Facet[], places: number): Overview["lacking"] {
  const bySetting = new Map(facets.map((facet) => [facet.setting, facet]));
  return Array.from({ length: places }, (_, place) => {
    const own = new Set(facets.filter((facet) => facet.place === place).map(({ setting }) => setting));
    const lacked = [...bySetting.values()].filter(({ setting }) => !own.has(setting));
    return { place, settings: lacked.length, example: lacked[0]?.name ?? "" };
  }).filter(({ settings }) => settings > 0);
}
