import { formatLength } from "../../text/format.ts";
import type { Html } from "../../text/html.ts";
import { rankingTableMarkup, unrankedMarkup } from "../page/ranking.ts";
import { rankingAnswer } from "../ranking/table.ts";
import { type LongTable, longTable } from "./long-table.ts";
import type { Actions, FileData, Follower, Shown } from "./view.ts";

/** Makes the ranking anew whenever its length or what is shown changes. */
export function rankingPanel(panel: HTMLElement, { baseline }: FileData, actions: Actions): Follower {
  const table = panel.querySelector("table");
  const long: LongTable | null =
    table === null ? null : longTable(table, (found) => actions.find(found?.map(placeOf) ?? null));
  const length = panel.querySelector("h3 output");
  const answer = panel.querySelector(".answer");
  const unranked = panel.querySelector(".unranked");
  let before: Shown["ranking"] | null = null;
  return {
    follow({ ranking }) {
      if (ranking === before) return;
      before = ranking;
      if (length !== null) length.textContent = formatLength(ranking.length);
      if (answer !== null) answer.textContent = rankingAnswer(ranking, baseline);
      unranked?.replaceChildren(parsed(unrankedMarkup(ranking)));
      const made = parsed(rankingTableMarkup(ranking, baseline)).querySelector("table");
      if (made === null) return;
      for (const row of made.querySelectorAll<HTMLElement>("tr[data-series]")) chooser(row, actions);
      long?.take(made);
    },
  };
}

function placeOf({ dataset: { series } }: HTMLElement): number {
  return Number(series);
}

/** Turns the name of a row into a button that lights its line. */
function chooser(row: HTMLElement, actions: Actions): void {
  const head = row.querySelector("th");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "choose";
  button.title = "light its line";
  button.append(...(head?.childNodes ?? []));
  head?.append(button);
  button.addEventListener("click", () => actions.choose([placeOf(row)]));
}

/** Markup in which every string of a results file is data, as in the page that was read. */
function parsed(markup: Html): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = markup.text;
  return template.content;
}
