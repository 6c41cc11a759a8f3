import { FailureError, printable } from "../core/errors.ts";
import { replaceFile } from "../files/replace-file.ts";
import type { TypedChoices } from "../library/plan-options.ts";
import { measureRun, type PreparedRun, prepareRun, toldOf } from "../library/run.ts";
import { builtInTraits } from "../library/traits.ts";
import { nameOfPlugin } from "../plugins/plugin-exports.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { casesCsv, samplesCsv } from "../record/csv.ts";
import { readResults } from "../record/read.ts";
import { rankingText } from "../report/tables/ranking-text.ts";
import { caseNotes, summaryTable } from "../report/tables/summary-table.ts";
import { warningsOf } from "../report/warnings.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { hostOf } from "./host-of.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { printPlan } from "./print-plan.ts";
import { refuseUnwritableReport, report } from "./report.ts";
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
}

/** Checks and times variants across lengths, and writes down what it finds as it goes. */
export async function run(options: RunOptions, io: Io): Promise<ExitCode> {
  const { plan: choices, out, resume, replay } = options;
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
  return finish(places, options, io);
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

/**
 * Reads back what was written, and prints it: the table, what to know before believing it, and where it is.
 */
async function finish(places: RunPlaces, options: RunOptions, io: Io): Promise<ExitCode> {
  const results = readResults(places.results, places.results);
  if (!options.json) print(io, "", ...toldIn(results, options.table, io.columns), "");
  const written = [places.results, places.csv];
  replaceFile(places.csv, casesCsv(results));
  if (places.samples !== null) {
    replaceFile(places.samples, samplesCsv(results));
    written.push(places.samples);
  }
  if (options.json) print(io, JSON.stringify({ files: written, rows: results.rows }, null, 2));
  for (const warning of warningsOf(results)) note(io, `warning: ${warning}`);
  const say = options.json ? note : print;
  for (const one of written) say(io, `wrote ${printable(one)}`);
  if (io.signal.aborted) {
    const plugins = (options.plan.plugins ?? [])
      .map((one) => `--plugin ${quotedPath(nameOfPlugin(one))} `)
      .join("");
    note(io, `interrupted; resume with: attnbench run ${plugins}--resume ${quotedPath(places.results)}`);
    return EXIT.failed;
  }
  const ended = (outcome: CaseRow["outcome"]) => results.rows.some((row) => row.outcome === outcome);
  const exit = ended("failed") ? EXIT.failed : ended("unproven") ? EXIT.inconclusive : EXIT.fine;
  if (exit !== EXIT.inconclusive) refuseNothing(results);
  if (options.report) await report({ files: [places.results], out: undefined }, io);
  return exit;
}

/** The ranking, and with `--table` every cell; then what to know about them. */
function toldIn(results: Results, table: boolean, width: number | undefined): readonly string[] {
  const ranking = rankingText({ ...results, traits: builtInTraits() }, width);
  if (table) return [ranking, "", summaryTable(results.rows, width)];
  const notes = caseNotes(results.rows, width);
  return [ranking, ...(notes.length === 0 ? [] : ["", ...notes])];
}

function refuseNothing({ rows }: Results): void {
  if (rows.some(({ outcome }) => outcome === "measured")) return;
  const [reason] = rows.flatMap((row) => row.reason ?? []);
  throw new FailureError(`run: nothing was measured; ${printable(reason ?? "no case was planned", 500)}`);
}
