import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser } from "playwright-core";
import { FailureError, messageOf, printable, UsageError } from "../../core/errors.ts";
import type { BrowserKind } from "./browser-names.ts";
import { notStarted } from "./not-started.ts";

/** How a browser is started. */
export interface BrowserChoice {
  readonly kind: BrowserKind;
  /** Its program, and what named it, such as `--browser-path`; the one installed, if undefined. */
  readonly program: { readonly path: string; readonly by: string } | undefined;
  /** Words besides those that it needs. */
  readonly words: readonly string[];
}

/** Milliseconds in which a browser has started, or will not. */
const START_MS = 60_000;

/** Starts a browser without a window. Throws a FailureError of one line if that cannot be done. */
export async function openBrowser({ kind, program: named, words }: BrowserChoice): Promise<Browser> {
  const { [kind.engine]: driver } = await playwright();
  const program = named?.path ?? (kind.channel === undefined ? installed(kind.programs) : undefined);
  if (named !== undefined) refuseNoProgram(named);
  try {
    return await driver.launch({
      headless: true,
      args: [...kind.words, ...words],
      timeout: START_MS,
      // An interrupt is for the run, which then ends by itself and keeps its file.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      ...(program === undefined ? {} : { executablePath: program }),
      ...(program !== undefined || kind.channel === undefined ? {} : { channel: kind.channel }),
    });
  } catch (thrown) {
    throw notStarted(kind, program, messageOf(thrown));
  }
}

/** Loaded on demand: it is an optional package. */
async function playwright(): Promise<typeof import("playwright-core")> {
  try {
    return await import("playwright-core");
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ERR_MODULE_NOT_FOUND"))
      throw thrown;
    throw new FailureError(
      "--browser: must have the package playwright-core, which drives browsers and is not installed; run npm install playwright-core",
    );
  }
}

/** The first of these programs that is on the path; undefined if none is. */
function installed(programs: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return programs.flatMap((program) => folders.map((folder) => join(folder, program))).find(isProgram);
}

function refuseNoProgram({ path, by }: NonNullable<BrowserChoice["program"]>): void {
  if (isProgram(path)) return;
  throw new UsageError(`${by}: must be a program that can be run, got '${printable(path)}'`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
