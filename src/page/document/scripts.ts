import { readFileSync } from "node:fs";
import { FailureError } from "../../core/errors.ts";
import { builtScripts } from "../../report/page/script.ts";
import type { SuiteScripts } from "./page.ts";

/** The scripts that were built for the page. Throws a FailureError if they were not built. */
export function builtSuiteScripts(engine: () => string = () => built("engine.js")): SuiteScripts {
  return { ...builtScripts(), ui: built("ui.js"), engine: engine(), liveReport: built("live-report.js") };
}

function built(name: string): string {
  try {
    return readFileSync(new URL(`../bundle/build/${name}`, import.meta.url), "utf8");
  } catch {
    throw new FailureError(`page: its script ${name} is not built; run npm run build:page`);
  }
}
