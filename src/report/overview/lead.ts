import type { Results } from "../../record/case-row.ts";
import { html } from "../../text/html.ts";
import { figureStyle } from "../page/figure.ts";
import type { Lead } from "../page/layout.ts";
import { picture } from "../page/picture.ts";
import { scroll } from "../page/scroll.ts";
import { renderSvg } from "../svg.ts";
import type { FacetAccess } from "./facet-list.ts";
import { gainsCaption, gainsChart, gainsTitle } from "./gains-chart.ts";
import type { Overview } from "./overview.ts";
import { overviewSections, overviewStyle } from "./sections.ts";

/** What a collection is called unless a title is given. */
export function overviewTitle({ sweep }: Overview): string {
  return `Sweep ${sweep}`;
}

/** An overview as a page holds it: before its facets, or alone with the places of their reports. */
export async function overviewLead(
  overview: Overview,
  access: readonly FacetAccess[] | null,
  traits: Results["traits"],
): Promise<Lead> {
  const spec = gainsChart(overview, traits);
  const style = overviewStyle();
  if (spec === null) return { content: overviewSections(overview, access, html``), style };
  const svg = await renderSvg(spec);
  const [title, caption] = [gainsTitle(overview), gainsCaption(overview)];
  const drawn = scroll(title, picture(svg, ID, `${title}. ${caption}`));
  const chart = html`<figure id="${ID}">
${drawn}
<figcaption>${caption}</figcaption>
</figure>
`;
  return {
    content: overviewSections(overview, access, chart),
    style: style + figureStyle({ drawn: { svg } }, ID),
  };
}

const ID = "overview-gains-chart";
