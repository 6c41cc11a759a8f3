import { countText } from "../../text/count-text.ts";
import { formatLength, formatPercent, formatRatio } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import { Markdown, markdown } from "../../text/markdown.ts";
import { scroll } from "../page/scroll.ts";
import { OUTCOMES, totalOf } from "./outcomes.ts";
import type { Facet, Overview } from "./overview.ts";

/** Where the report of a facet is, or how it is written. */
export interface FacetAccess {
  /** Relative to the overview; safe in addresses. Null if it is not written. */
  readonly page: string | null;
  /** What writes it, for a shell. */
  readonly command: string;
}

/** Facets that a page lists before the rest is counted. */
const MOST = 1000;
/** The same of a summary. */
const MOST_IN_SUMMARY = 50;

const HEADS = ["cases", "interval", "gains most", "report"] as const;

/** Every facet with its report, or the command that writes it. */
export function facetList({ facets }: Overview, access: readonly FacetAccess[]): Html {
  const rows = facets.slice(0, MOST).map((facet, at) => {
    const { page, command } = access[at];
    const report =
      page === null
        ? html`<code>${command}</code>`
        : html`<a href="${page}">the report</a> <code class="again">${command}</code>`;
    return html`
<tr><th scope="row" class="text">${facet.name}</th><td>${casesText(facet)}</td><td>${noiseText(facet)}</td><td class="text">${bestText(facet)}</td><td class="text">${report}</td></tr>`;
  });
  const [cases, interval, gains, report] = HEADS;
  return html`${scroll(
    "facets",
    html`<table>
<thead><tr><th scope="col" class="text">facet</th><th scope="col">${cases}</th><th scope="col">${interval}</th><th scope="col" class="text">${gains}</th><th scope="col" class="text">${report}</th></tr></thead>
<tbody>${rows}</tbody>
</table>`,
  )}${restOf(facets.length - MOST)}`;
}

function restOf(more: number): Html {
  return more > 0
    ? html`<p class="note">${countText(more, "further facet")} in facets.csv.</p>
`
    : html``;
}

/** The same in Markdown: commands are code, in which nothing is markup. */
export function facetListMarkdown({ facets }: Overview, access: readonly FacetAccess[]): Markdown {
  const rows = facets.slice(0, MOST_IN_SUMMARY).map((facet, at) => {
    const { page, command } = access[at];
    const report = page === null ? codeOf(command) : new Markdown(`[the report](${page})`);
    return markdown`| ${facet.name} | ${casesText(facet)} | ${noiseText(facet)} | ${bestText(facet)} | ${report} |\n`;
  });
  const more = facets.length - MOST_IN_SUMMARY;
  return markdown`| facet | ${HEADS.join(" | ")
    .split(" | ")
    .map((head, at) => (at === 0 ? markdown`${head}` : markdown` | ${head}`))} |
|---|---:|---:|---|---|
${rows}
${more > 0 ? markdown`${countText(more, "further facet")} in facets.csv.\n` : ""}`;
}

/** Code of a cell: a bar would end the cell, and a backtick the code. */
function codeOf(command: string): Markdown {
  return command.includes("`") ? markdown`${command}` : new Markdown(`\`${command.replaceAll("|", "\\|")}\``);
}

function casesText({ outcomes }: Facet): string {
  const others = OUTCOMES.filter((outcome) => outcome !== "measured" && outcomes[outcome] > 0).map(
    (outcome) => `, ${outcomes[outcome]} ${outcome}`,
  );
  return `${outcomes.measured} of ${totalOf(outcomes)}${others.join("")}`;
}

function noiseText({ noise }: Facet): string {
  return noise === null ? "–" : `±${formatPercent(noise)}`;
}

function bestText({ best }: Facet): string {
  return best === null ? "–" : `${best.label}, ${formatRatio(best.gain)} at ${formatLength(best.length)}`;
}
