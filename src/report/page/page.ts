import type { DrawnResults } from "../drawings.ts";
import { type Lead, reportPage } from "./layout.ts";
import { builtScripts } from "./script.ts";

/** The report as one HTML page, with the scripts that were built for it. */
export function renderPage(files: readonly DrawnResults[], title?: string, lead?: Lead): string {
  return reportPage(files, builtScripts(), title, lead);
}
