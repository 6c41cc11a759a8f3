import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../files/replace-file.ts";
import { gitEnvironment, gitIn } from "./git.ts";
import { runProgram } from "./run-program.ts";

/** What is made ready, and by what. */
export interface Making {
  readonly checkout: string;
  /** The user's own words; null for what the lockfile says. */
  readonly build: readonly string[] | null;
  /** Where what they say is appended. */
  readonly log: string;
  readonly signal: AbortSignal;
}

/** What npm installs exactly. */
const LOCKFILES = ["npm-shrinkwrap.json", "package-lock.json"] as const;
const INSTALL = ["npm", "ci", "--no-audit", "--no-fund"] as const;
/** What `npm ci` runs after it has installed: for a checkout of attnbench, what builds its parts. */
const PREPARE = ["npm", "run", "--if-present", "prepare"] as const;

/**
 * Makes a checkout ready to be measured, in the state in which a fresh one would be but for installed packages, which stay
 * while the lockfile does. Returns the exit code of what failed; null if nothing did.
 */
export async function makeReady(making: Making): Promise<{ readonly code: number | null } | null> {
  const { checkout, build } = making;
  // What an earlier commit built would pass for this one's.
  gitIn(checkout)("clean", "-ffdxq", "--exclude=/node_modules");
  if (build !== null) return build.length === 0 ? null : ran(making, build);
  const lock = LOCKFILES.find((name) => existsSync(join(checkout, name)));
  if (lock === undefined) return null;
  const installed = join(checkout, "node_modules/.attnbench-bisect");
  const wanted = JSON.stringify([readText(join(checkout, "package.json")), readText(join(checkout, lock))]);
  if (readText(installed) === wanted) return ran(making, PREPARE);
  const failed = await ran(making, INSTALL);
  if (failed === null && existsSync(join(checkout, "node_modules"))) replaceFile(installed, wanted);
  return failed;
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

async function ran(
  { checkout, log, signal }: Making,
  words: readonly string[],
): Promise<{ readonly code: number | null } | null> {
  const env = gitEnvironment();
  const code = await runProgram({ words, cwd: checkout, env, out: log, err: log, signal });
  return code === 0 ? null : { code };
}
