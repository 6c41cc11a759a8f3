import { type Html, html } from "../../text/html.ts";
import type { Drawing } from "../drawings.ts";
import type { ChartChoice } from "../live-chart.ts";
import { picture } from "./picture.ts";
import { dataSize, inlineData } from "./policy.ts";
import { scroll } from "./scroll.ts";

/** A chart as far as its figure shows it. */
interface Pictured extends Pick<Drawing, "drawn"> {
  readonly chart: Pick<Drawing["chart"], "title" | "caption" | "absent">;
}

/**
 * A chart as a picture and, if `live`, with what the page's script draws in its place. How to read it is below, or, if
 * `folded`, behind a word there.
 */
export function figure({ chart, drawn }: Pictured, id: string, live: boolean, folded = false): Html {
  if (drawn === null) return html`<p class="note">${chart.title}: ${chart.absent}</p>`;
  const still = live
    ? ""
    : html` <span class="still">This one is only a picture: with more in it the page would be too large to open at once.</span>`;
  return html`<figure id="${id}">
${live ? drawn.live.choices.map(choiceControl) : ""}${scroll(chart.title, picture(drawn.svg, id, `${chart.title}. ${chart.caption}`))}
<figcaption>${folded ? html`<details><summary>how to read it</summary>${chart.caption}${still}</details>` : html`${chart.caption}${still}`}</figcaption>
${live ? inlineData(liveData(drawn.live)) : ""}</figure>
`;
}

type Live = NonNullable<Drawing["drawn"]>["live"];

/** `ChartData` of `browser/live-chart.ts`. */
function liveData({ spec, entries }: Live) {
  return { spec, entries };
}

/** Bytes that the chart adds to the page if it is live. */
export function liveSize(drawing: Drawing): number {
  if (drawing.drawn === null) return 0;
  return dataSize(liveData(drawing.drawn.live));
}

function choiceControl({ name, options, chosen }: ChartChoice): Html {
  const offered = options.map(
    ({ value, text }) =>
      html`<option value="${value}"${value === chosen ? html` selected` : ""}>${text}</option>`,
  );
  return html`<label class="choice" hidden>${name} <select name="${name}" autocomplete="off">${offered}</select></label>
`;
}

/** If long names widen a picture, it shrinks only a little, and scrolls. */
export function figureStyle(
  { drawn }: { readonly drawn: { readonly svg: string } | null },
  id: string,
): string {
  const width = Number(/ width="(\d+)"/.exec(drawn?.svg ?? "")?.[1]);
  return width > 0 ? `#${id} { --least: ${Math.round(0.85 * width)}px; }\n` : "";
}
