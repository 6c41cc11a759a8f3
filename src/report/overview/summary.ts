import { Markdown, markdown } from "../../text/markdown.ts";
import { type Table, tableSummary } from "../topics/details.ts";
import { type FacetAccess, facetListMarkdown } from "./facet-list.ts";
import type { Overview } from "./overview.ts";
import { aboutParts } from "./sections.ts";
import { OVERVIEW_TOPICS } from "./topics/index.ts";
import type { OverviewTopic } from "./topics/topic.ts";

/** An overview in Markdown, with the topics of the page; every string of a collection is data in it. */
export function overviewMarkdown(overview: Overview, access: readonly FacetAccess[] | null): Markdown {
  const [first, ...others] = aboutParts(overview);
  const facets = access === null ? "" : markdown`### Facets\n\n${facetListMarkdown(overview, access)}\n`;
  return markdown`${first}${others.map((part) => markdown` · ${part}`)}

${OVERVIEW_TOPICS.map((topic) => section(topic, overview))}${facets}`;
}

function section(topic: OverviewTopic, overview: Overview): Markdown {
  const answer = topic.answer(overview);
  const tables = topic.tables(overview);
  const details = topic.details?.(overview) ?? [];
  if (answer === null && tables.length === 0 && details.length === 0) return new Markdown("");
  return markdown`### ${topic.title(overview)}

${answer === null ? "" : sentence(answer)}${tables.map(shown)}${details.map(folded)}`;
}

/** Its clauses are data one by one, so that none is cut for the others. */
function sentence(text: string): Markdown {
  const [first, ...others] = text.split("; ");
  return markdown`${first}${others.map((clause) => markdown`; ${clause}`)}\n\n`;
}

function shown(table: Table): Markdown {
  return markdown`**${table.title}**\n\n${tableSummary(table)}`;
}

function folded(table: Table): Markdown {
  return markdown`<details>\n<summary>${table.title}</summary>\n\n${tableSummary(table)}</details>\n\n`;
}
