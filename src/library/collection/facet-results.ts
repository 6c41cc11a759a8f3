import { UsageError } from "../../core/errors.ts";
import type { Results } from "../../record/case-row.ts";
import { inputOf, mergeRuns, type ShardRun } from "../../record/collection/merge-runs.ts";
import type { Identified } from "../../record/schema/identity.ts";
import { settingKey } from "../../report/overview/axes.ts";
import { placeName } from "../../report/overview/names.ts";
import type { Collection } from "./collection.ts";
import type { FacetFilter } from "./facet-filter.ts";
import { shardsAgain } from "./shards-again.ts";

/** The results of one facet: its shards merged, with the cases that are asked for. */
export async function resultsOfFacet(
  collection: Collection,
  index: number,
  isAsked: FacetFilter["isAsked"] = null,
): Promise<Results> {
  const { overview, settings } = collection;
  const facet = overview.facets[index];
  const runs: ShardRun[] = [];
  for await (const run of shardsAgain(collection, ({ facets }) => facets.includes(index))) {
    const own = withCases(run, settings[facet.setting], isAsked);
    if (own.run.plan.cases.length > 0) runs.push(own);
  }
  const [first, ...others] = runs;
  if (first === undefined) {
    throw new UsageError("--facet: must leave a case to report, got none; omit a condition");
  }
  const place = placeName(overview.places[facet.place]);
  return mergeRuns(facet.words === "" ? place : `${place}, ${facet.words}`, [first, ...others]);
}

/** A run with those of its cases that are of a setting and are asked for. */
export function withCases(
  { run, lines }: ShardRun,
  setting: Identified,
  isAsked: FacetFilter["isAsked"],
): ShardRun {
  const { plan } = run;
  const key = settingKey(setting);
  const named = run.shard?.baseline === undefined ? {} : { compared_with: run.shard.baseline };
  const isWanted = (row: Identified) => settingKey(row) === key && (isAsked?.({ ...row, ...named }) ?? true);
  const input = inputOf({ run, lines });
  const cases = plan.cases.filter((one) => isWanted({ ...one, input }));
  if (cases.length === plan.cases.length) return { run, lines };
  const names = new Set(cases.map((one) => one.case));
  return { run: { ...run, plan: { ...plan, cases } }, lines: lines.filter((line) => names.has(line.case)) };
}
