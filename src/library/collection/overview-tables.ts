import { toCsv } from "../../record/csv.ts";
import type { FacetAccess } from "../../report/overview/facet-list.ts";
import { OUTCOMES } from "../../report/overview/outcomes.ts";
import type { Overview, OverviewCell } from "../../report/overview/overview.ts";

const LINE_COLUMNS = [
  "machine",
  "place",
  "mode",
  "variant",
  "kernel",
  "length",
  "settings",
  "median_s",
  "low_s",
  "high_s",
  "speedup",
  "speedup_low",
  "speedup_high",
  "facet_low",
  "facet_high",
] as const;

/** One row a class of machines, variant, kernel and length: seconds of the baseline, speed-ups of others, over settings. */
export function linesCsv({ lines, places, facets }: Overview): string {
  const records = lines.flatMap(({ place, mode, variant, kernel, isBaseline, cells }) => {
    const { machine, number } = places[place];
    return cells.map((cell) => [
      machine,
      number,
      mode,
      variant,
      kernel,
      cell.length,
      cell.settings,
      ...(isBaseline ? [...valuesOf(cell), null, null, null] : [null, null, null, ...valuesOf(cell)]),
      facets[cell.low.facet].name,
      facets[cell.high.facet].name,
    ]);
  });
  return toCsv(LINE_COLUMNS, records);
}

function valuesOf({ median, low, high }: OverviewCell): readonly number[] {
  return [median, low.value, high.value];
}

const FACET_COLUMNS = [
  "shards",
  ...OUTCOMES,
  "seconds",
  "interval",
  "disturbed",
  "drift",
  "gains_most",
  "at_length",
  "speedup",
  "page",
  "command",
] as const;

/** One row a facet. */
export function facetsCsv({ facets, places, axes }: Overview, access: readonly FacetAccess[]): string {
  const names = axes.map(({ name }) => name);
  const records = facets.map((facet, at) => {
    const { name, place, values, shards, outcomes, seconds, noise, disturbed, drift, best } = facet;
    const { page, command } = access[at];
    return [
      name,
      places[place].machine,
      places[place].number,
      ...names.map((axis) => values.get(axis)),
      shards,
      ...OUTCOMES.map((outcome) => outcomes[outcome]),
      seconds,
      noise,
      disturbed,
      drift,
      best?.label,
      best?.length,
      best?.gain,
      page,
      command,
    ];
  });
  return toCsv(["facet", "machine", "place", ...names, ...FACET_COLUMNS], records);
}

/** Everything, as one JSON text. */
export function overviewJson({ facets, ...overview }: Overview, access: readonly FacetAccess[]): string {
  const told = facets.map(({ values, ...facet }, at) => {
    return { ...facet, values: Object.fromEntries(values), ...access[at] };
  });
  return `${JSON.stringify({ ...overview, facets: told }, null, 1)}\n`;
}
