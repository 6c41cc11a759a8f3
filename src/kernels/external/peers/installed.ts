import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { messageOf } from "../../../core/errors.ts";

/**
 * A package of the user's: what is found from the working directory, which attnbench itself does not depend on. Where it cannot
 * be loaded, the process ends with one line that says why.
 */
export function installed(name: string): unknown {
  try {
    return createRequire(join(process.cwd(), "peer.js"))(name);
  } catch (thrown) {
    process.stderr.write(`${messageOf(thrown)}\n`);
    return process.exit(1);
  }
}
