import { FailureError, printable, UsageError } from "../core/errors.ts";
import { suitePage } from "../page/document/page.ts";
import { builtSuiteScripts } from "../page/document/scripts.ts";
import { browserNamed } from "../page/remote/browser-names.ts";
import type { BrowserChoice } from "../page/remote/open-browser.ts";
import { runInBrowser } from "../page/remote/run-in-browser.ts";
import { createLines, type LineFile } from "../record/append.ts";
import { RESULTS } from "../record/line-kind.ts";
import type { ResultLine } from "../record/schema/result-lines.ts";
import { browserChoices } from "./browser-choices.ts";
import { finishRun } from "./finish-run.ts";
import { hostOf } from "./host-of.ts";
import { EXIT, type ExitCode, type Io, note } from "./io.ts";
import { refuseUnwritableReport } from "./report.ts";
import type { RunOptions } from "./run.ts";
import { placesOf } from "./run-places.ts";
import { progressDisplay } from "./run-progress.ts";

/** Refuses what says how a browser is started where none is. */
export function refuseStrayBrowserOptions({ browserPath, browserArgs = [] }: RunOptions): void {
  const stray =
    browserPath !== undefined ? "browser-path" : browserArgs.length > 0 ? "browser-args" : undefined;
  if (stray === undefined) return;
  throw new UsageError(
    `--${stray}: has a meaning only with --browser, and was given without; add --browser chromium`,
  );
}

/** The browser's program, if the option or the environment names one. */
function programOf(option: string | undefined): BrowserChoice["program"] {
  if (option !== undefined) return { path: option, by: "--browser-path" };
  const path = process.env.ATTNBENCH_BROWSER ?? "";
  return path === "" ? undefined : { path, by: "ATTNBENCH_BROWSER" };
}

/** Runs the suite in a browser instead of in this process, and writes down what it finds as it goes. */
export async function runBrowser(
  options: RunOptions & { readonly browser: string },
  io: Io,
  page: () => ReturnType<typeof suitePage> = () => suitePage(builtSuiteScripts()),
): Promise<ExitCode> {
  const kind = browserNamed(options.browser);
  refuseOtherPlans(options);
  const choices = browserChoices(options.plan);
  const places = placesOf(options, io.today());
  if (options.report) refuseUnwritableReport(places.results);
  const choice = {
    kind,
    program: programOf(options.browserPath),
    words: options.browserArgs ?? [],
  };
  const display = progressDisplay(io);
  // Interrupts are heard from here on: the browser that is started must be ended.
  const { signal } = io;
  const host = { ...hostOf(io, display.update), signal };
  let file: LineFile<ResultLine> | null = null;
  try {
    for await (const line of runInBrowser(page(), choice, choices, host)) {
      if (file === null) file = createLines(RESULTS, places.results, line);
      else file.append(line);
    }
  } catch (thrown) {
    if (!(thrown instanceof FailureError) || file === null) throw thrown;
    throw new FailureError(
      `${thrown.message}; what was measured until then is in ${printable(places.results)}`,
    );
  } finally {
    display.stop();
    file?.close();
  }
  if (file === null) {
    note(io, "interrupted before anything was measured; no file was written");
    return EXIT.failed;
  }
  const interrupted = "interrupted; what was measured until then stands";
  return finishRun(places, { ...options, interrupted }, io);
}

/** Plans come from the page: it has no other. */
function refuseOtherPlans({ resume, replay, dryRun }: RunOptions): void {
  const option =
    resume !== undefined ? "resume" : replay !== undefined ? "replay" : dryRun ? "dry-run" : undefined;
  if (option === undefined) return;
  throw new UsageError(`--${option}: has no meaning with --browser, as the page makes its own plan; omit it`);
}
