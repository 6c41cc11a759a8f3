import { median } from "../../stats/median.ts";
import { pooledPoints } from "./cells.ts";
import type { Facet } from "./overview.ts";
import { facetOfPoint, type PointLine, type Points } from "./point-lines.ts";

interface Findings extends Pick<Facet, "best" | "drift"> {
  /** Cases with a number, each once however many shards measured it. */
  readonly points: number;
}

/** What gains most in each facet at its longest length, and how far its baseline drifted: by the facet's index. */
export function facetFindings(
  lines: readonly PointLine[],
  facets: number,
  labelOf: (line: PointLine) => string,
): readonly Findings[] {
  const best = new Array<Findings["best"]>(facets).fill(null);
  const counts = new Array<number>(facets).fill(0);
  const spreads = Array.from({ length: facets }, (): number[] => []);
  for (const line of lines) {
    for (const [length, points] of line.cells) {
      if (line.isBaseline) for (const [facet, spread] of spreadsOf(points)) spreads[facet].push(spread);
      for (const { facet, value: gain } of pooledPoints(points)) {
        counts[facet]++;
        if (line.isBaseline) continue;
        const before = best[facet];
        if (before === null || length > before.length || (length === before.length && gain > before.gain)) {
          best[facet] = { label: labelOf(line), length, gain };
        }
      }
    }
  }
  return best.map((one, facet) => {
    const own = spreads[facet];
    return { best: one, drift: own.length === 0 ? null : median(own), points: counts[facet] };
  });
}

/** The longest time of each facet over its shortest, where several shards measured it. */
function spreadsOf({ places, values }: Points): ReadonlyMap<number, number> {
  const ends = new Map<number, { low: number; high: number; count: number }>();
  for (const [index, place] of places.entries()) {
    const facet = facetOfPoint(place);
    const value = values[index];
    const { low, high, count } = ends.get(facet) ?? { low: value, high: value, count: 0 };
    ends.set(facet, { low: Math.min(low, value), high: Math.max(high, value), count: count + 1 });
  }
  return new Map(
    [...ends].flatMap(([facet, { low, high, count }]) => (count < 2 ? [] : [[facet, high / low] as const])),
  );
}
