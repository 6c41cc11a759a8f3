import { summarize } from "../../record/case-row.ts";
import { overviewCollector } from "../../report/overview/collector.ts";
import type { Overview } from "../../report/overview/overview.ts";
import { overviewOf } from "../../report/overview/overview-of.ts";
import type { Collection } from "./collection.ts";
import type { FacetFilter } from "./facet-filter.ts";
import { withCases } from "./facet-results.ts";
import { shardsAgain } from "./shards-again.ts";

/** The overview of what a filter asks for. */
export async function subOverview(collection: Collection, filter: FacetFilter): Promise<Overview> {
  const { path, overview, settings } = collection;
  const chosen = filter.facets.map((index) => overview.facets[index]);
  const places = [...new Set(chosen.map(({ place }) => place))];
  const counts = places.map(() => 0);
  const collector = overviewCollector();
  for (const index of filter.facets) {
    const { place, setting } = overview.facets[index];
    const at = places.indexOf(place);
    for await (const run of shardsAgain(collection, ({ facets }) => facets.includes(index))) {
      const own = withCases(run, settings[setting], filter.isAsked);
      if (own.run.plan.cases.length === 0) continue;
      counts[at]++;
      collector.take(at, summarize(path, own.run, own.lines));
    }
  }
  const found = places.map((place, at) => ({ ...overview.places[place], shards: counts[at] }));
  return overviewOf(overview.sweep, found, collector.end()).overview;
}
