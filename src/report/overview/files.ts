import { Markdown, markdown } from "../../text/markdown.ts";
import { plainPage } from "../page/layout.ts";
import type { FacetAccess } from "./facet-list.ts";
import { overviewLead, overviewTitle } from "./lead.ts";
import type { Overview } from "./overview.ts";
import { overviewMarkdown } from "./summary.ts";

/** An overview as a page of its own, which needs nothing else and runs no script. */
export function overviewPage(overview: Overview, access: readonly FacetAccess[], title?: string): string {
  return plainPage(title ?? overviewTitle(overview), overviewLead(overview, access));
}

/** The same in Markdown; `page` is that page's file, null if it is not written. */
export function overviewSummary(
  overview: Overview,
  access: readonly FacetAccess[],
  page: string | null,
  title?: string,
): string {
  const link = page === null ? "" : new Markdown(`[The whole overview](${page}).\n\n`);
  const text = markdown`# ${title ?? overviewTitle(overview)}\n\n${link}${overviewMarkdown(overview, access)}`;
  return text.text.trimEnd().concat("\n");
}
