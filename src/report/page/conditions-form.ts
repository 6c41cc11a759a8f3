import { type Html, html } from "../../text/html.ts";
import { type Choice, choicesAmong } from "../ranking/conditions.ts";
import type { Entry } from "../ranking/entry.ts";

/**
 * The conditions that tell some entries from others, with how many have each value: those mostly asked for at once, the
 * others when they are opened. They filter with a script alone, and are hidden until one runs.
 */
export function conditionsForm(entries: readonly Entry[]): Html {
  const choices = choicesAmong(entries);
  const usual = choices.filter(({ asked }) => asked !== null);
  const first = usual.flatMap(({ id, asked, values }) =>
    boxes(
      id,
      values.filter(({ value }) => value === asked),
    ),
  );
  const more = usual.map((choice) =>
    group(
      choice,
      choice.values.filter(({ value }) => value !== choice.asked),
    ),
  );
  return html`<fieldset class="conditions" hidden>
<legend>Conditions</legend>
${first}${usual.length === 0 ? "" : opening("more", more)}${choices
  .filter(({ asked }) => asked === null)
  .map((choice) =>
    opening(choice.title, [group(choice, choice.values)]),
  )}${boundsOf(entries)}<span class="shown"><output></output> <button type="button" value="any">any</button></span>
</fieldset>
`;
}

function opening(title: string, groups: readonly Html[]): Html {
  return html`<details class="choices"><summary>${title}</summary><div>${groups}</div></details>
`;
}

function group({ id, title }: Choice, values: Choice["values"]): Html {
  return html`<div role="group" aria-label="${title}">${boxes(id, values)}</div>`;
}

function boxes(id: string, values: Choice["values"]): readonly Html[] {
  return values.map(
    ({ value, label, count }) =>
      html`<label><input type="checkbox" name="${id}" value="${value}" autocomplete="off"> ${label} <span class="count">${count}</span></label>
`,
  );
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
