import { median } from "../../stats/median.ts";
import { USUAL } from "./axes.ts";
import type { Axis } from "./facet-names.ts";
import type { OverviewCell } from "./overview.ts";
import { facetOfPoint, type Points } from "./point-lines.ts";

/** What cells are told of facets, by the indices that points have. */
export interface CellContext {
  readonly axes: readonly Axis[];
  valuesOf(facet: number): ReadonlyMap<string, string>;
  settingOf(facet: number): number;
  /** The index of a facet in the overview. */
  facetAt(facet: number): number;
  /** Whether every class of machines has a setting. */
  isShared(setting: number): boolean;
}

/** One number for each place that points have: the median of those there. */
export function pooledPoints({
  places,
  values,
}: Points): readonly { readonly facet: number; readonly value: number }[] {
  const groups = new Map<number, number[]>();
  for (const [index, place] of places.entries()) {
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [values[index]]);
    else group.push(values[index]);
  }
  return [...groups].map(([place, own]) => ({
    facet: facetOfPoint(place),
    value: own.length === 1 ? own[0] : median(own),
  }));
}

/** The cells of a line by rising length. */
export function cellsOf(
  byLength: ReadonlyMap<number, Points>,
  { axes, valuesOf, settingOf, facetAt, isShared }: CellContext,
): readonly OverviewCell[] {
  return [...byLength]
    .sort(([a], [b]) => a - b)
    .map(([length, points]) => {
      const pooled = pooledPoints(points);
      const ends = pooled.map(({ facet, value }) => ({ facet: facetAt(facet), value }));
      // Of those alike the first of the overview, in whichever order shards were read.
      const [low, high] = [
        ends.reduce((a, b) => (b.value < a.value || (b.value === a.value && b.facet < a.facet) ? b : a)),
        ends.reduce((a, b) => (b.value > a.value || (b.value === a.value && b.facet < a.facet) ? b : a)),
      ];
      return {
        length,
        settings: new Set(pooled.map(({ facet }) => settingOf(facet))).size,
        median: median(pooled.map(({ value }) => value)),
        low,
        high,
        byAxis: axes.map(({ name, values }) => {
          const groups = Map.groupBy(pooled, ({ facet }) => valuesOf(facet).get(name) ?? USUAL);
          return values.map((value) => medianOf(groups.get(value) ?? []));
        }),
        shared: medianOf(pooled.filter(({ facet }) => isShared(settingOf(facet)))),
      };
    });
}

function medianOf(points: readonly { readonly value: number }[]): number | null {
  return points.length === 0 ? null : median(points.map(({ value }) => value));
}
