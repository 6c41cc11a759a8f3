import { readFileSync } from "node:fs";
import { FailureError } from "../core/errors.ts";

/**
 * The text of the script of the engine's worker, which speaks `protocol.ts`: a page starts it from a blob. Throws a
 * FailureError if it was not built.
 */
export function engineScript(): string {
  try {
    return readFileSync(new URL("./bundle/build/engine.js", import.meta.url), "utf8");
  } catch {
    throw new FailureError("page: the engine's script is not built; run npm run build:page");
  }
}
