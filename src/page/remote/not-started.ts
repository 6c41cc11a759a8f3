import { FailureError, printable } from "../../core/errors.ts";
import type { BrowserKind } from "./browser-names.ts";

/** The error, of one line, for a browser that playwright-core did not start; `why` is its message. */
export function notStarted(
  { name, engine, channel }: BrowserKind,
  program: string | undefined,
  why: string,
): FailureError {
  const where = `--browser ${name}`;
  // Of the others Playwright drives its own builds alone.
  const takesOthers = engine === "chromium";
  if (/Executable doesn't exist|is not found|not found at/.test(why)) {
    const install = `run npx playwright-core install ${channel ?? engine}`;
    const advice = takesOthers ? `name its program with --browser-path, or ${install}` : install;
    return new FailureError(`${where}: no such browser is installed; ${advice}`);
  }
  const started = program === undefined ? "" : `, started as ${printable(program)},`;
  // What Playwright says of a program that does not speak as a browser does.
  if (/has been closed/.test(why)) {
    const advice = takesOthers ? "name another with --browser-path" : "omit --browser-path";
    return new FailureError(
      `${where}: the browser${started} must start, but its program is no such browser or ended at once; ${advice}`,
    );
  }
  const told = why.replace(/^browserType\.launch:\s*/, "");
  return new FailureError(`${where}: the browser${started} must start, got ${printable(told, 300)}`);
}
