import { type Html, html } from "../../text/html.ts";
import { Markdown, markdown } from "../../text/markdown.ts";
import { scroll } from "../page/scroll.ts";
import { sortText } from "../page/sort-text.ts";
import type { Series } from "../series.ts";
import type { Detail, TopicResults } from "./topic.ts";

/** A table as the page and the summary show it. */
export interface Table {
  readonly title: string;
  /** How it is to be read, above and below it: sentences of ours. */
  readonly note?: string;
  readonly after?: string;
  /** The first is that of the names of rows. */
  readonly heads: readonly Head[];
  readonly rows: readonly Row[];
}

interface Head {
  readonly text: string;
  /** Whether its column holds words, which stand to the left; numbers if omitted. */
  readonly words?: true;
}

interface Row {
  /** Null if it is of no series. */
  readonly series: Series | null;
  readonly cells: readonly Cell[];
}

interface Cell {
  /** Its lines, the first alone or several ways of saying the same. */
  readonly text: string | readonly string[];
  /** In small letters below it, or in brackets behind it. */
  readonly below?: string;
  /** What a column of numbers is sorted by, null if it is missing; the text if omitted. */
  readonly sort?: number | null;
  /** How the page marks it. */
  readonly tone?: string;
}

/** Heads of columns of numbers. */
export function numbers(texts: readonly string[]): readonly Head[] {
  return texts.map((text) => ({ text }));
}

/** Heads of columns of words. */
export function words(...texts: readonly string[]): readonly Head[] {
  return texts.map((text) => ({ text, words: true }));
}

/** Words or numbers alone. */
export function cells(texts: readonly string[]): readonly Cell[] {
  return texts.map((text) => ({ text }));
}

/** A table to unfold; none if it has no rows. */
export function tableDetail(table: Table, about: TopicResults): readonly Detail[] {
  const { title, rows } = table;
  return rows.length === 0 ? [] : [{ title, page: tablePage(table, about), summary: tableSummary(table) }];
}

/** A table of the page, whose rows say which series they are of. */
export function tablePage(
  { title, note = "", after = "", heads, rows }: Table,
  { placeOf }: Pick<TopicResults, "placeOf">,
): Html {
  const lines = rows.map(({ series, cells: [name, ...others] }) => {
    const place = series === null ? "" : html` data-series="${placeOf(series)}"`;
    return html`
<tr${place}><th scope="row" class="text">${name.text}</th>${others.map((cell, at) => cellPage(cell, heads[at + 1]))}</tr>`;
  });
  return html`${notePage(note)}${scroll(
    title,
    html`<table class="sortable">
<thead><tr>${heads.map(({ text, words }) => html`<th scope="col"${words ? html` class="text"` : ""}>${text}</th>`)}</tr></thead>
<tbody>${lines}</tbody>
</table>`,
  )}${notePage(after)}`;
}

function cellPage({ text, below = "", sort, tone = "" }: Cell, { words }: Head): Html {
  const classes = [words ? "text" : "", tone].filter(Boolean).join(" ");
  const key = sort === undefined ? "" : html` data-sort="${sort === null ? "" : sortText(sort)}"`;
  const lines = typeof text === "string" ? text : text.map((line) => html`<span class="way">${line}</span>`);
  return html`<td${classes === "" ? "" : html` class="${classes}"`}${key}>${lines}${below === "" ? "" : html`<span class="gain">${below}</span>`}</td>`;
}

function notePage(text: string): Html {
  return text === ""
    ? html``
    : html`<p class="note">${text}</p>
`;
}

/** The same in Markdown. */
export function tableSummary({ note = "", after = "", heads, rows }: Table): Markdown {
  const rule = heads.map(({ words }) => (words ? "|---" : "|---:")).join("");
  return markdown`${rowSummary(heads.map(({ text }) => ({ text })))}${new Markdown(`${rule}|\n`)}${rows.map(({ cells }) => rowSummary(cells))}
${noteSummary(note)}${noteSummary(after)}`;
}

function rowSummary(cells: readonly Cell[]): Markdown {
  return markdown`${cells.map(({ text, below = "" }) => {
    const all = typeof text === "string" ? text : text.join(" | ");
    return markdown`| ${below === "" ? all : `${all} (${below})`} `;
  })}|\n`;
}

/** One of our own notes, longer than a string of a results file may be. */
function noteSummary(text: string): Markdown {
  return new Markdown(text === "" ? "" : `${text}\n\n`);
}

/** Sentences to unfold, whose clauses are data one by one, so that none is cut for the others; none if there are none. */
export function sentences(title: string, items: readonly string[]): readonly Detail[] {
  if (items.length === 0) return [];
  return [
    {
      title,
      page: html`<ul class="said">${items.map((item) => html`<li>${item.split(/(?<=; )/)}</li>`)}</ul>`,
      summary: markdown`${items.map((item) => {
        const [first, ...others] = item.split("; ");
        return markdown`- ${first}${others.map((clause) => markdown`; ${clause}`)}\n`;
      })}\n`,
    },
  ];
}

/** A sentence for the series of one setting; null if they do not answer the question. */
type Said = (series: readonly Series[], times: TopicResults["times"]) => string | null;

/** What a question is answered in full, a sentence a setting. */
export function inFull(said: Said, { series, times }: TopicResults, title = "In full"): readonly Detail[] {
  const settings = [...Map.groupBy(series, (one) => one.setting)];
  return sentences(
    title,
    settings.flatMap(([setting, alike]) => {
      const sentence = said(alike, times);
      return sentence === null ? [] : [setting === "" ? sentence : `${setting}: ${sentence}`];
    }),
  );
}
