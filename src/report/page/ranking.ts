import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import type { Entry, Ranking } from "../ranking/entry.ts";
import { measuredLengths, SLIDER_STEPS, stepAt, usualLength } from "../ranking/lengths.ts";
import { rankingAt } from "../ranking/ranking-at.ts";
import { type Cell, rankingAnswer, rankingTable, unrankedTexts } from "../ranking/table.ts";
import { scroll } from "./scroll.ts";
import { symbol } from "./symbol.ts";

/**
 * Which is fastest at a length, and what else there is to know there. A script asks for other lengths; without one it is
 * the longest at which most were measured.
 */
export function rankingSection(entries: readonly Entry[], baseline: string, id: string): Html {
  const length = usualLength(entries);
  if (length === null) return html``;
  const ranking = rankingAt(entries, length);
  return html`<div class="ranking">
<div class="head"><h3 id="${id}-ranking">Ranking at <output>${formatLength(length)}</output></h3>
${lengthForm(measuredLengths(entries), length, entries[0].unit === "step" ? "position" : "N", id)}<p class="answer" aria-live="polite">${rankingAnswer(ranking, baseline)}</p></div>
${scroll("ranking", rankingTableMarkup(ranking, baseline))}
<p class="note unranked">${unrankedMarkup(ranking)}</p>
</div>
`;
}

/** How the slider is moved by keys. */
const KEYS = "Arrow keys: from one measured length to the next; with Shift: between them. The box takes any.";

/** A box and a slider for the length; the slider's ticks are the measured ones. */
function lengthForm(lengths: readonly number[], chosen: number, name: string, id: string): Html {
  const [first, last] = [lengths[0], lengths[lengths.length - 1]];
  if (first === last) return html``;
  return html`<fieldset class="at" hidden>
<legend>Length of the ranking</legend>
<label>${name} = <input type="number" name="n" min="${first}" max="${last}" step="1" value="${chosen}" autocomplete="off"></label>
<input type="range" name="slider" min="0" max="${SLIDER_STEPS}" step="1" value="${stepAt(chosen, lengths)}" list="${id}-lengths" aria-label="length, logarithmic" title="${KEYS}" autocomplete="off">
<datalist id="${id}-lengths">${lengths.map((length) => html`<option value="${stepAt(length, lengths)}" label="${formatLength(length)}"></option>`)}</datalist>
</fieldset>
`;
}

/** The table of a ranking; the page's script makes it again at other lengths. */
export function rankingTableMarkup(ranking: Ranking, baseline: string): Html {
  const { heads, rows } = rankingTable(ranking, baseline);
  return html`<table class="sortable" data-page="12">
<thead><tr><th scope="col" class="text">variant</th>${heads.map(({ text, title, unit }) => html`<th scope="col" title="${title}"${unit === null ? "" : html` data-unit="${unit}"`}>${text}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ ranked: { entry }, cells }) => html`
<tr data-series="${entry.place}"><th scope="row" class="text">${symbol(entry.look)} <span class="name">${entry.label}</span></th>${cells.map(cellMarkup)}</tr>`,
  )}</tbody>
</table>`;
}

function cellMarkup({ text, more, key, bar }: Cell): Html {
  const quiet = more === "" ? "" : html` <span class="more">${more}</span>`;
  const drawn =
    bar === null
      ? ""
      : html`<svg class="bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.round(100 * bar)}" height="3"/></svg>`;
  return html`<td data-sort="${key === null ? "" : String(key)}">${text}${quiet}${drawn}</td>`;
}

/** Which entries have no time at the length, and why; nothing if all have. */
export function unrankedMarkup(ranking: Ranking): Html {
  const texts = unrankedTexts(ranking);
  if (texts.length === 0) return html``;
  return html`Not ranked here: ${texts.map((text, index) => html`${index === 0 ? "" : "; "}${text}`)}.`;
}
