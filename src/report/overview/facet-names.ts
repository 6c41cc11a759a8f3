import type { Identified } from "../../record/schema/identity.ts";
import { axisValues, USUAL } from "./axes.ts";
import type { OverviewPlace } from "./overview.ts";

/** An axis on which settings differ, with its values: numbers rising, others as texts are sorted. */
export interface Axis {
  readonly name: string;
  readonly values: readonly string[];
}

/** The axes on which these settings differ. */
export function differingAxes(settings: readonly Identified[]): readonly Axis[] {
  const all = settings.map(axisValues);
  const [first] = all;
  return [...(first?.keys() ?? [])]
    .map((name) => ({ name, values: [...new Set(all.map((one) => one.get(name) ?? USUAL))].sort(byValue) }))
    .filter(({ values }) => values.length > 1);
}

/** The name of a facet, by which a filter finds it and no other: its class, and its setting as far as settings differ. */
export function facetName(
  { machine, number }: Pick<OverviewPlace, "machine" | "number">,
  values: ReadonlyMap<string, string>,
  axes: readonly Axis[],
): string {
  const place = number === 1 ? [] : [`place=${number}`];
  return [`machine=${machine}`, ...place, ...axes.map(({ name }) => `${name}=${values.get(name)}`)].join(",");
}

/** Orders the values of an axis. */
export function byValue(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference) && difference !== 0) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}
