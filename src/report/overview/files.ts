import type { Results } from "../../record/case-row.ts";
import { Markdown, markdown } from "../../text/markdown.ts";
import { plainPage } from "../page/layout.ts";
import type { FacetAccess } from "./facet-list.ts";
import { overviewLead, overviewTitle } from "./lead.ts";
import type { Overview } from "./overview.ts";
import { overviewMarkdown } from "./summary.ts";

/** An overview as a page of its own, which needs nothing else and runs no script. */
export async function overviewPage(
  overview: Overview,
  access: readonly FacetAccess[],
  traits: Results["traits"],
  title?: string,
): Promise<string> {
  return plainPage(title ?? overviewTitle(overview), await overviewLead(overview, access, traits));
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
