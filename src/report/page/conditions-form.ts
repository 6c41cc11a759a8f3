import { type Html, html } from "../../text/html.ts";
import { type Choice, choicesAmong } from "../ranking/conditions.ts";
import type { Entry } from "../ranking/entry.ts";

/** Values up to which a condition is a row of boxes; with more it opens. */
const MOST_BOXES = 3;

/**
 * The conditions that tell some entries from others, with how many have each value. They filter with a script alone,
 * and are hidden until one runs.
 */
export function conditionsForm(entries: readonly Entry[]): Html {
  const bounds = boundsOf(entries);
  return html`<fieldset class="conditions" hidden>
<legend>Conditions</legend>
${choicesAmong(entries).map(choice)}${bounds}<span class="shown"><output></output> <button type="button" value="any">any</button></span>
</fieldset>
`;
}

function choice({ id, title, values }: Choice): Html {
  const boxes = values.map(
    ({ value, label, count }) =>
      html`<label><input type="checkbox" name="${id}" value="${value}" autocomplete="off"> ${label} <span class="count">${count}</span></label> `,
  );
  return values.length > MOST_BOXES
    ? html`<details class="choices"><summary>${title}</summary><div role="group" aria-label="${title}">${boxes}</div></details>
`
    : html`<span class="choices" role="group" aria-label="${title}">${boxes}</span>
`;
}

/** What is asked of the numbers at the length of the ranking, where some are known. */
function boundsOf(entries: readonly Entry[]): readonly Html[] {
  const points = entries.flatMap((one) => one.points);
  const bound = (
    name: string,
    title: string,
    unit: string,
  ) => html`<label class="bound">${title} at most <input type="number" name="${name}" min="0" step="any" inputmode="decimal" autocomplete="off"> ${unit}</label>
`;
  return [
    ...(points.some(({ memory }) => memory !== null) ? [bound("memory", "memory", "MiB")] : []),
    ...(points.some(({ error }) => error !== null) ? [bound("error", "error", "%")] : []),
  ];
}
