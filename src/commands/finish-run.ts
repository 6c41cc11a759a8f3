import { FailureError, printable } from "../core/errors.ts";
import { replaceFile } from "../files/replace-file.ts";
import { builtInTraits } from "../library/traits.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { casesCsv, samplesCsv } from "../record/csv.ts";
import { readResults } from "../record/read.ts";
import { rankingText } from "../report/tables/ranking-text.ts";
import { caseNotes, summaryTable } from "../report/tables/summary-table.ts";
import { warningsOf } from "../report/warnings.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { report } from "./report.ts";
import type { RunPlaces } from "./run-places.ts";

/** How a finished run is told. */
interface Telling {
  readonly json: boolean;
  readonly table: boolean;
  readonly report: boolean;
  /** What is said of a run that was interrupted. */
  readonly interrupted: string;
}

/**
 * Reads back what was written, and prints it: the table, what to know before believing it, and where it is.
 */
export async function finishRun(places: RunPlaces, options: Telling, io: Io): Promise<ExitCode> {
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
    note(io, options.interrupted);
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
