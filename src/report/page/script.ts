import { readFileSync } from "node:fs";
import { FailureError } from "../../core/errors.ts";
import type { PageScripts } from "./layout.ts";

/** The scripts of a page. Throws a FailureError if they were not built. */
export function builtScripts(): PageScripts {
  return { own: ownScript(), vega: vegaScript() };
}

/** The page's own script, bundled from `../browser`: a browser refuses to import files for a page opened from disk. */
export function ownScript(): string {
  return built("page.js");
}

/** Vega and its interpreter, which stands in for eval: the global `vega`, with `expressionInterpreter` in it. */
export function vegaScript(): string {
  return built("vega.js");
}

/** Throws a FailureError if it was not built. */
function built(name: string): string {
  try {
    return readFileSync(new URL(`../bundle/build/${name}`, import.meta.url), "utf8");
  } catch {
    throw new FailureError(`report: the page's script ${name} is not built; run npm run build:report`);
  }
}
