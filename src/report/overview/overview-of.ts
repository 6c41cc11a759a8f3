import { variantInMode } from "../../record/schema/baseline.ts";
import { modeOf } from "../../record/schema/case-task.ts";
import { median } from "../../stats/median.ts";
import { labeller, labelsOf, shortName } from "../../text/labels.ts";
import { axisValues, settingWords } from "./axes.ts";
import { cellsOf } from "./cells.ts";
import type { Collected } from "./collector.ts";
import { facetFindings } from "./facet-findings.ts";
import { byValue, differingAxes, facetName } from "./facet-names.ts";
import { lackingOf } from "./lacking.ts";
import { type Outcomes, sumOf } from "./outcomes.ts";
import type { Facet, Overview, OverviewLine, OverviewPlace } from "./overview.ts";
import type { PointLine } from "./point-lines.ts";

/** Classes of machines as they were found, in the order of their indices. */
export type FoundPlace = Omit<OverviewPlace, "outcomes">;

/** An overview, and the index that each facet has in it, by that in which it was found. */
export interface OrderedOverview {
  readonly overview: Overview;
  readonly facetAt: readonly number[];
}

/** Puts in order what was taken in: classes by name, facets by class and setting, lines by what they gain. */
export function overviewOf(
  sweep: string,
  found: readonly FoundPlace[],
  { settings, facets, lines, reasons, first, last, repeats, baseline, uncompared }: Collected,
): OrderedOverview {
  const axes = differingAxes(settings);
  const words = settingWords(settings, (text) => shortName(text));
  const values = settings.map(axisValues);
  const placeOrder = orderOf(found, (a, b) => byValue(a.machine, b.machine) || a.number - b.number);
  const facetOrder = orderOf(
    facets,
    (a, b) =>
      placeOrder[a.place] - placeOrder[b.place] ||
      axes
        .map(({ name }) => byValue(values[a.setting].get(name) ?? "", values[b.setting].get(name) ?? ""))
        .find((order) => order !== 0) ||
      a.setting - b.setting,
  );
  const all = lines.all();
  const settingsOf = found.map(
    (_, place) => new Set(facets.filter((one) => one.place === place).map((one) => one.setting)),
  );
  const label = lineLabels(all);
  const findings = facetFindings(all, facets.length, label);
  const told = all.map((line): OverviewLine => {
    const { row, place, isBaseline, cells } = line;
    return {
      place: placeOrder[place],
      mode: modeOf(row),
      label: label(line),
      variant: row.variant,
      kernel: row.kernel,
      isBaseline,
      cells: cellsOf(cells, {
        axes,
        valuesOf: (facet) => values[facets[facet].setting],
        settingOf: (facet) => facets[facet].setting,
        facetAt: (facet) => facetOrder[facet],
        isShared: (setting) => settingsOf.every((own) => own.has(setting)),
      }),
    };
  });
  const named = inOrder(facets, facetOrder).map((one): Facet => {
    const place = found[one.place];
    return {
      name: facetName(place, values[one.setting], axes),
      words: words[one.setting],
      place: placeOrder[one.place],
      setting: one.setting,
      values: values[one.setting],
      shards: one.shards,
      outcomes: one.outcomes,
      seconds: one.seconds,
      noise: one.halfWidths.length === 0 ? null : median(one.halfWidths),
      disturbed: one.rounds === 0 ? 0 : one.disturbed / one.rounds,
      drift: findings[one.index].drift,
      best: findings[one.index].best,
      rows: rowsOf(one.outcomes, findings[one.index].points),
    };
  });
  const places = inOrder(found, placeOrder).map((one, place): OverviewPlace => {
    return {
      ...one,
      outcomes: sumOf(named.filter((facet) => facet.place === place).map(({ outcomes }) => outcomes)),
    };
  });
  return {
    facetAt: facetOrder,
    overview: {
      sweep,
      baseline: shortName(baseline),
      uncompared: [...uncompared]
        .map(([kernel, cases]) => ({ kernel: shortName(kernel), cases }))
        .sort((a, b) => byValue(a.kernel, b.kernel)),
      first,
      last,
      repeats,
      shards: found.reduce((sum, { shards }) => sum + shards, 0),
      places,
      facets: named,
      axes,
      lines: inTableOrder(told),
      outcomes: sumOf(places.map(({ outcomes }) => outcomes)),
      reasons: reasons.all().map(({ places: where, ...one }) => {
        return {
          ...one,
          places: [...where].map((place) => placeOrder[place]).sort((a, b) => a - b),
          facet: facetOrder[one.facet],
        };
      }),
      unnamed: reasons.unnamed(),
      lacking: lackingOf(named, places.length),
    },
  };
}

/** Each case that has a number is one row; how many rows those without are is not counted, so that it is these at most. */
function rowsOf({ measured, missing, ...others }: Outcomes, points: number): number {
  return Math.min(measured, points) + others.failed + others.unproven + others.skipped;
}

/** The place that each has when they are sorted. */
function orderOf<One>(all: readonly One[], compare: (a: One, b: One) => number): readonly number[] {
  const sorted = all
    .map((one, index) => ({ one, index }))
    .sort((a, b) => compare(a.one, b.one) || a.index - b.index);
  const order = new Array<number>(all.length).fill(0);
  for (const [place, { index }] of sorted.entries()) order[index] = place;
  return order;
}

function inOrder<One>(all: readonly One[], order: readonly number[]): readonly One[] {
  return all
    .map((one, index) => ({ one, place: order[index] }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

/** Safe and short labels, with the kernel if there are several, and no two alike of one class. */
function lineLabels(lines: readonly PointLine[]): (line: PointLine) => string {
  const kernels = labelsOf(lines.map(({ row }) => row.kernel));
  const label = labeller();
  const labels = new Map<string, string>();
  const keyOf = ({ row, forms }: PointLine) => JSON.stringify([modeOf(row), row.variant, forms, row.kernel]);
  for (const line of lines) {
    const { row, forms } = line;
    const kernel = kernels.size > 1 ? (kernels.get(row.kernel) ?? "") : "";
    const key = keyOf(line);
    if (!labels.has(key))
      labels.set(key, label([variantInMode(shortName(row.variant), row), shortName(forms), kernel]));
  }
  return (line) => labels.get(keyOf(line)) ?? "";
}

/** By class and what one call is, the baseline last; otherwise by what is gained at the longest length, the same in all classes. */
function inTableOrder(lines: readonly OverviewLine[]): readonly OverviewLine[] {
  const groups = Map.groupBy(lines, keyOfRow);
  const order = new Map(
    [...groups].map(([key, alike]) => {
      const longest = alike.reduce((most, { cells }) => Math.max(most, cells.at(-1)?.length ?? 0), 0);
      const gains = alike.flatMap(({ cells }) => cells.filter(({ length }) => length === longest));
      return [
        key,
        { longest, gain: gains.length === 0 ? 0 : median(gains.map((cell) => cell.median)) },
      ] as const;
    }),
  );
  const rank = (line: OverviewLine) => order.get(keyOfRow(line)) ?? { longest: 0, gain: 0 };
  return lines.toSorted(
    (a, b) =>
      a.place - b.place ||
      byValue(a.mode, b.mode) ||
      Number(a.isBaseline) - Number(b.isBaseline) ||
      rank(b).longest - rank(a).longest ||
      rank(b).gain - rank(a).gain ||
      byValue(a.label, b.label),
  );
}

function keyOfRow({ mode, label }: OverviewLine): string {
  return `${mode} ${label}`;
}
