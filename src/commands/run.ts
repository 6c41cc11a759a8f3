import type { TypedChoices } from "../library/plan-options.ts";
import { measureRun, type PreparedRun, prepareRun, toldOf } from "../library/run.ts";
import { nameOfPlugin } from "../plugins/plugin-exports.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { finishRun } from "./finish-run.ts";
import { hostOf } from "./host-of.ts";
import { EXIT, type ExitCode, type Io, note } from "./io.ts";
import { printPlan } from "./print-plan.ts";
import { refuseUnwritableReport } from "./report.ts";
import { refuseStrayBrowserOptions, runBrowser } from "./run-browser.ts";
import { placesOf, type RunPlaces } from "./run-places.ts";
import { progressDisplay } from "./run-progress.ts";

/** What was typed; undefined if it was not. */
export interface RunOptions {
  readonly plan: TypedChoices;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly replay: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  /** A file, or empty for one beside the results. */
  readonly samplesCsv: string | undefined;
  readonly report: boolean;
  /** Whether to print every cell besides the ranking. */
  readonly table: boolean;
  /** The browser to run in; in this process if undefined. */
  readonly browser?: string | undefined;
  readonly browserPath?: string | undefined;
  readonly browserArgs?: readonly string[];
}

/** Checks and times variants across lengths, and writes down what it finds as it goes. */
export async function run(options: RunOptions, io: Io): Promise<ExitCode> {
  const { plan: choices, out, resume, replay } = options;
  if (options.browser !== undefined) return runBrowser({ ...options, browser: options.browser }, io);
  refuseStrayBrowserOptions(options);
  const prepared = await prepareRun({ ...choices, out, resume, replay }, hostOf(io));
  if (options.dryRun) {
    printPlan(prepared.plan, toldOf(prepared), options.json, io);
    await prepared.catalogue.close();
    return EXIT.fine;
  }
  const places = placesOf(options, io.today());
  if (options.report) refuseUnwritableReport(places.results);
  const lines = await measure(prepared, places, io);
  if (lines === 0 && !io.signal.aborted) note(io, "nothing was left to do, or there was no time for it");
  const plugins = (choices.plugins ?? []).map((one) => `--plugin ${quotedPath(nameOfPlugin(one))} `).join("");
  const interrupted = `interrupted; resume with: attnbench run ${plugins}--resume ${quotedPath(places.results)}`;
  return finishRun(places, { ...options, interrupted }, io);
}

/** Returns how many lines were written after the first. */
async function measure(prepared: PreparedRun, { results }: RunPlaces, io: Io): Promise<number> {
  const display = progressDisplay(io);
  try {
    let written = 0;
    for await (const line of measureRun(prepared, results, hostOf(io, display.update))) {
      if (line.type !== "run") written++;
    }
    return written;
  } finally {
    display.stop();
  }
}
