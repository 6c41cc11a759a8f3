import { mkdirSync } from "node:fs";
import { totalmem } from "node:os";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { type Plan, SCHEMA_VERSION } from "../core/result-lines.ts";
import type { InputSource } from "../core/tensors.ts";
import { parseDuration } from "../core/units.ts";
import { replaceFile } from "../files/replace-file.ts";
import { openInput } from "../input/open-input.ts";
import { readEnvironment } from "../measure/environment.ts";
import { runPlan } from "../measure/run-plan.ts";
import { continueResults, createResults, type ResultsFile } from "../record/append.ts";
import type { Results } from "../record/case-row.ts";
import { casesCsv, samplesCsv } from "../record/csv.ts";
import { type ReadResults, readLines, readResults } from "../record/read.ts";
import { summaryTable } from "../report/summary-table.ts";
import { warningsOf } from "../report/warnings.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { type Catalogue, loadCatalogue } from "./load-plugins.ts";
import { packageRoot } from "./package-root.ts";
import { printPlan } from "./print-plan.ts";
import { report } from "./report.ts";
import { alreadyDone, checkKnown, refuseChanges, refuseOtherEnvironment } from "./resume.ts";
import { inputOf, type PlanArguments, planOf } from "./run-options.ts";
import { progressDisplay } from "./run-progress.ts";

export interface RunOptions {
  readonly plan: PlanArguments;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly replay: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  /** A file, or empty for one beside the results. */
  readonly samplesCsv: string | undefined;
  readonly report: boolean;
}

/** Checks and times variants across lengths, and writes down what it finds as it goes. */
export async function run(options: RunOptions, io: Io): Promise<ExitCode> {
  const catalogue = await loadCatalogue(options.plan.plugins);
  const prepared = prepare(options, catalogue);
  if (options.dryRun) {
    printPlan(prepared.plan, options.json, io);
    return EXIT.fine;
  }
  const file = openResults(options, prepared, io);
  try {
    await measure(prepared, catalogue, file, io);
  } finally {
    file.close();
  }
  return finish(file.path, options, io);
}

interface Prepared {
  readonly plan: Plan;
  readonly source: InputSource;
  /** What an interrupted session of the same run wrote. */
  readonly earlier: ReadResults | null;
}

function prepare({ plan: typed, resume, replay, out }: RunOptions, catalogue: Catalogue): Prepared {
  if (resume !== undefined && (replay ?? out) !== undefined) {
    throw new UsageError("--resume: goes on with its own plan and file; leave --replay and --out away");
  }
  if (resume !== undefined) {
    refuseChanges(typed, ["plugins", "budget"]);
    const earlier = readLines(resume);
    const budget =
      typed.budget === undefined ? earlier.run.plan.budget_s : parseDuration("--budget", typed.budget);
    const plan = { ...earlier.run.plan, budget_s: budget };
    checkKnown(plan, catalogue);
    return { plan, source: openInput(plan.input, plan.seed), earlier };
  }
  if (replay !== undefined) {
    refuseChanges(typed, ["plugins"]);
    const { plan } = readLines(replay).run;
    checkKnown(plan, catalogue);
    return { plan, source: openInput(plan.input, plan.seed), earlier: null };
  }
  const { spec, seed } = inputOf(typed);
  const source = openInput(spec, seed);
  return { plan: planOf(typed, catalogue, source), source, earlier: null };
}

/** Opens the results before anything is measured, so that nothing is measured that cannot be kept. */
function openResults({ out, resume }: RunOptions, { plan, earlier }: Prepared, io: Io): ResultsFile {
  const environment = readEnvironment(packageRoot());
  if (resume !== undefined && earlier !== null) {
    refuseOtherEnvironment(earlier.run.environment, environment);
    if (earlier.truncated) note(io, `${printable(resume)}: its last line was cut off and is left out`);
    return continueResults(resume, earlier.validBytes);
  }
  const started = io.today();
  const file = createResults(out === undefined ? defaultPath(started) : resultsPath(out));
  file.append({ type: "run", schema: SCHEMA_VERSION, started: started.toISOString(), plan, environment });
  return file;
}

function defaultPath(started: Date): string {
  mkdirSync("results", { recursive: true });
  return `results/${started.toISOString().replace(/[:.]/g, "").slice(0, 20)}.jsonl`;
}

function resultsPath(out: string): string {
  if (out.endsWith(".jsonl")) return out;
  throw new UsageError(
    `--out: the file must end in .jsonl, got '${printable(out)}'; the CSV is written beside it`,
  );
}

async function measure(
  { plan, source, earlier }: Prepared,
  { variants, kernels }: Catalogue,
  file: ResultsFile,
  io: Io,
): Promise<void> {
  const display = progressDisplay(io);
  try {
    const lines = runPlan(plan, {
      variants,
      kernels,
      source,
      already: alreadyDone(earlier),
      memoryBytes: totalmem(),
      now: io.now,
      signal: io.signal,
      observe: display.update,
    });
    for await (const line of lines) file.append(line);
  } finally {
    display.stop();
  }
}

/** Reads back what was written, and tells it: the table, what to know before believing it, and where it lies. */
async function finish(path: string, options: RunOptions, io: Io): Promise<ExitCode> {
  const results = readResults(path, path);
  const csv = besides(path, ".csv");
  replaceFile(csv, casesCsv(results));
  const written = [path, csv];
  if (options.samplesCsv !== undefined) {
    const samples = options.samplesCsv === "" ? besides(path, ".samples.csv") : options.samplesCsv;
    replaceFile(samples, samplesCsv(results));
    written.push(samples);
  }
  if (options.json) print(io, JSON.stringify({ files: written, rows: results.rows }, null, 2));
  else print(io, "", summaryTable(results.rows, io.columns), "");
  for (const warning of warningsOf(results)) note(io, `warning: ${warning}`);
  const say = options.json ? note : print;
  for (const one of written) say(io, `wrote ${printable(one)}`);
  if (io.signal.aborted) {
    note(io, `interrupted; go on with: attnbench run --resume ${printable(path)}`);
    return EXIT.failed;
  }
  refuseNothing(results);
  if (options.report) await report({ files: [path], out: undefined, title: undefined }, io);
  return results.rows.some(({ outcome }) => outcome === "failed") ? EXIT.failed : EXIT.fine;
}

function refuseNothing({ rows }: Results): void {
  if (rows.some(({ outcome }) => outcome === "measured")) return;
  const [reason] = rows.flatMap((row) => row.reason ?? []);
  throw new FailureError(`run: nothing was measured; ${printable(reason ?? "no case was planned", 500)}`);
}

function besides(path: string, ending: string): string {
  return path.replace(/\.jsonl$/, "") + ending;
}
