import { countText } from "../../../text/count-text.ts";
import { formatPercent } from "../../../text/format.ts";
import { numbers, type Table, words } from "../../topics/details.ts";
import { placeName } from "../names.ts";
import { OUTCOMES, totalOf } from "../outcomes.ts";
import type { Overview } from "../overview.ts";
import type { OverviewTopic } from "./topic.ts";

/** Reasons of a table before the rest is counted. */
const MOST_REASONS = 40;

/** How cases ended, why some have no time, and what is missing. */
export const outcomes: OverviewTopic = {
  id: "outcomes",
  title: () => "Failed, skipped and missing",
  answer({ outcomes: all, lacking, places }) {
    const total = totalOf(all);
    const others = OUTCOMES.filter((outcome) => outcome !== "measured" && all[outcome] > 0).map(
      (outcome) => `${all[outcome]} ${outcome}`,
    );
    const measured =
      total === 0
        ? "No case was planned"
        : `${all.measured} of ${countText(total, "case")} verified and measured (${formatPercent(all.measured / total)})`;
    const lacks = lacking.map(
      ({ place, settings, example }) =>
        `${places[place].label} lacks ${countText(settings, "setting")} that another class has, such as that of ${example}`,
    );
    return `${[[measured, ...others].join(", "), ...lacks].join("; ")}.`;
  },
  tables: (overview) => [...byPlace(overview), ...byReason(overview)],
};

function byPlace({ places }: Overview): readonly Table[] {
  return [
    {
      title: "Cases by class",
      heads: [...words("class"), ...numbers(["shards", ...OUTCOMES])],
      rows: places.map((place) => ({
        series: null,
        cells: [
          { text: placeName(place) },
          { text: `${place.shards}`, sort: place.shards },
          ...OUTCOMES.map((outcome) => ({
            text: `${place.outcomes[outcome]}`,
            sort: place.outcomes[outcome],
            tone: outcome === "failed" && place.outcomes[outcome] > 0 ? "failed" : "",
          })),
        ],
      })),
    },
  ];
}

function byReason({ reasons, unnamed, places, facets }: Overview): readonly Table[] {
  if (reasons.length === 0) return [];
  const left = reasons.slice(MOST_REASONS).reduce((sum, { cases }) => sum + cases, unnamed);
  return [
    {
      title: "Why cases have no time",
      note: "The first of each kind: numbers in the others may differ.",
      heads: [...words("outcome", "reason"), ...numbers(["cases"]), ...words("classes", "such as in")],
      rows: reasons.slice(0, MOST_REASONS).map(({ outcome, text, cases, places: where, facet }) => ({
        series: null,
        cells: [
          { text: outcome, tone: outcome },
          { text, tone: "why" },
          { text: `${cases}`, sort: cases },
          { text: where.map((place) => places[place].label).join(", ") },
          { text: facets[facet].name },
        ],
      })),
      after: left > 0 ? `${countText(left, "further case")} for other reasons.` : "",
    },
  ];
}
