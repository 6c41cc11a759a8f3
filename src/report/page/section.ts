import { printable } from "../../core/errors.ts";
import type { Results } from "../../record/case-row.ts";
import { type Html, html } from "../../text/html.ts";
import type { Drawing, DrawnResults } from "../drawings.ts";
import { firstScreen } from "./first-screen.ts";
import { inlineData } from "./policy.ts";
import { topicSections } from "./topics.ts";

/** All that the page says about one results file. Charts in `live` answer to the reader, and share what is known of cases. */
export function section(file: DrawnResults, id: string, live: ReadonlySet<Drawing>): Html {
  return html`<section id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${fileName(file.results)}</h2>
${firstScreen(file, id, live)}
${topicSections(file, id, live)}${file.drawings.some((drawing) => live.has(drawing)) ? inlineData(file.cases) : ""}</section>
`;
}

/** The name of a results file, safe to print and short. */
export function fileName({ name }: Results): string {
  return printable(name, 100);
}

/** The name by which the page's style sheet and its reader's address call a chart. */
export function figureId(section: string, { chart }: Drawing): string {
  return `${section}-${chart.id}`;
}
