import type { Lead } from "../page/layout.ts";
import type { FacetAccess } from "./facet-list.ts";
import type { Overview } from "./overview.ts";
import { overviewSections, overviewStyle } from "./sections.ts";

/** What a collection is called unless a title is given. */
export function overviewTitle({ sweep }: Overview): string {
  return `Sweep ${sweep}`;
}

/** An overview as a page holds it: before its facets, or alone with the places of their reports. */
export function overviewLead(overview: Overview, access: readonly FacetAccess[] | null): Lead {
  return { content: overviewSections(overview, access), style: overviewStyle() };
}
