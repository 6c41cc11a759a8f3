import type { Results } from "../../record/case-row.ts";
import type { Learned } from "../../record/learned.ts";
import { type Html, html } from "../../text/html.ts";
import { learnedAnswer } from "../answers/learned.ts";
import { learnedRows } from "../learning/learned-rows.ts";
import { learnedTables } from "../tables/learned-table.ts";
import { misleading } from "../topics/learned.ts";
import { scroll } from "./scroll.ts";
import { sortText } from "./sort-text.ts";

/** Where nothing was timed, what was learned stands in the place of the ranking: the answer, and a table a task. */
export function learnedSection(results: Results & { readonly learned: Learned }, id: string): Html {
  const { learned } = results;
  const tables = learnedTables(learnedRows(learned));
  return html`<div class="learned">
<p class="answer">${learnedAnswer(learned)}</p>
${misleading(results).map(
  ({ title, page }) => html`<details><summary>${title}</summary>
${page}</details>
`,
)}${tables.map(
  ({ title, heads, rows }, at) => html`<h3 id="${id}-learned-${at + 1}">${title}</h3>
${scroll(
  title,
  html`<table class="sortable">
<thead><tr><th scope="col" class="text">variant</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ row, cells }) => html`
<tr><th scope="row" class="text">${row.label}</th>${cells.map(
      ({ text, sort }) => html`<td data-sort="${sort === null ? "" : sortText(sort)}">${text}</td>`,
    )}</tr>`,
  )}</tbody>
</table>`,
)}
`,
)}</div>
`;
}
