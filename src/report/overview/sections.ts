import { countText } from "../../text/count-text.ts";
import { type Html, html } from "../../text/html.ts";
import { type Table, tablePage } from "../topics/details.ts";
import { type FacetAccess, facetList } from "./facet-list.ts";
import { heatStyle } from "./heat.ts";
import type { Overview } from "./overview.ts";
import { gains } from "./topics/gains.ts";
import { OVERVIEW_TOPICS } from "./topics/index.ts";
import type { OverviewTopic } from "./topics/topic.ts";

/**
 * What a page says of a whole collection: a section a topic, the first with a chart, and a list of facets if they are
 * elsewhere. It can be read without a script.
 */
export function overviewSections(
  overview: Overview,
  access: readonly FacetAccess[] | null,
  chart: Html,
): Html {
  return html`<div class="overview" id="overview">
<p class="about">${aboutParts(overview).map((part) => html`<span>${part}</span> `)}</p>
${OVERVIEW_TOPICS.map((topic) => section(topic, overview, topic === gains ? chart : html``))}${access === null ? "" : facets(overview, access)}</div>
`;
}

/** The collection in one line. */
export function aboutParts({ sweep, baseline, places, axes, facets, lines }: Overview): readonly string[] {
  const variants = new Set(lines.map(({ variant }) => variant)).size;
  const settings = new Set(facets.map(({ setting }) => setting)).size;
  return [
    `sweep ${sweep}`,
    `${places.length} ${places.length === 1 ? "class" : "classes"} of machines`,
    `${countText(settings, "setting")}${axes.length === 0 ? "" : ` of ${axes.map(({ name }) => name).join(", ")}`}`,
    `${countText(variants, "variant")}, compared with ${baseline}`,
  ];
}

function section(topic: OverviewTopic, overview: Overview, chart: Html): Html {
  const { id } = topic;
  const title = topic.title(overview);
  const answer = topic.answer(overview);
  const tables = topic.tables(overview);
  const details = topic.details?.(overview) ?? [];
  if (answer === null && tables.length === 0 && details.length === 0) return html``;
  const told =
    answer === null
      ? html``
      : html`<p class="answer">${answer.split(/(?<=; )/)}</p>
`;
  return html`<section class="topic" id="overview-${id}" aria-labelledby="overview-${id}-title">
<h3 id="overview-${id}-title">${title}</h3>
${told}${chart}<div class="classes">${tables.map(shown)}</div>
${details.map(folded)}</section>
`;
}

function shown(table: Table): Html {
  return html`<div>
<h4>${table.title}</h4>
${tableOf(table)}</div>
`;
}

function folded(table: Table): Html {
  return html`<details><summary>${table.title}</summary>
${tableOf(table)}</details>
`;
}

/** Its rows are of no series. */
function tableOf(table: Table): Html {
  return tablePage(table, { placeOf: () => -1 });
}

function facets(overview: Overview, access: readonly FacetAccess[]): Html {
  const written = access.filter(({ page }) => page !== null).length;
  const told =
    written === access.length
      ? "Each has a report of its own."
      : written === 0
        ? "The report of each is written by the command beside it, which can be given any filter: several settings at once, or one variant."
        : `${written} have a report; the others are written by the command beside them.`;
  return html`<section class="topic" id="overview-facets" aria-labelledby="overview-facets-title">
<h3 id="overview-facets-title">Facets: one class of machines in one setting each</h3>
<p class="answer">${countText(overview.facets.length, "facet")}. ${told}</p>
${facetList(overview, access)}</section>
`;
}

/** The style of an overview, after that of all pages. */
export function overviewStyle(): string {
  return `
.overview h4 { margin: 1.1rem 0 0.3rem; font-size: 1rem; }
.overview .scroll td { min-width: 3.6rem; }
.overview .gain { white-space: normal; max-width: 6rem; margin-left: auto; overflow-wrap: normal; }
.overview td[class] .gain { color: inherit; }
.overview .classes { display: flex; flex-wrap: wrap; gap: 0 2rem; }
.overview .classes > div { min-width: 0; }
.overview code { font-size: 0.85rem; overflow-wrap: anywhere; white-space: normal; }
.overview code.again { color: var(--quiet); display: block; }
.overview td.text:has(> code) { white-space: normal; min-width: 18rem; max-width: 40rem; }
.overview + section { border-top: 2px solid var(--line); margin-top: 3rem; padding-top: 1.5rem; }
${heatStyle("light")}
@media screen and (prefers-color-scheme: dark) {
${heatStyle("dark")}
}
`;
}
