import { FailureError, printable, UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import type { InputSource } from "../core/tensors.ts";
import { refuseStream } from "../files/read-whole.ts";
import { replaceFile } from "../files/replace-file.ts";
import { openInput } from "../input/open-input.ts";
import { readEnvironment, usableMemory } from "../machine/environment.ts";
import { limitsFor } from "../machine/limits.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import { continueLines, createLines, type LineFile } from "../record/append.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { casesCsv, samplesCsv } from "../record/csv.ts";
import { RESULTS } from "../record/line-kind.ts";
import { type ReadResults, readLines, readResults } from "../record/read.ts";
import { inputShapeOf } from "../record/schema/case-task.ts";
import { type Plan, type ResultLine, SCHEMA_VERSION } from "../record/schema/result-lines.ts";
import { summaryTable } from "../report/tables/summary-table.ts";
import { warningsOf } from "../report/warnings.ts";
import { runPlan } from "../run/run-plan.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { parseDuration } from "../text/units.ts";
import { inputHash } from "./input-hash.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { type LoadedCatalogue, loadCatalogue, warnOfUnavailable } from "./load-plugins.ts";
import { packageRoot } from "./package-root.ts";
import { printPlan } from "./print-plan.ts";
import { refuseUnwritableReport, report } from "./report.ts";
import {
  alreadyDone,
  planAgain,
  refuseChanges,
  refuseOtherCases,
  refuseOtherEnvironment,
  refuseOtherInput,
} from "./resume.ts";
import { inputOf, longestOf, type PlanArguments, planOf } from "./run-options.ts";
import { placesOf, type RunPlaces } from "./run-places.ts";
import { progressDisplay } from "./run-progress.ts";
import { simdOf } from "./simd-option.ts";

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
  const named = resultsNamed(options);
  const simd = simdOf(named === null ? options.plan.simd : named.run.plan.simd);
  const catalogue = await loadCatalogue(options.plan.plugins, simd);
  if ((options.plan.kernel ?? "auto") === "auto") warnOfUnavailable(catalogue, io);
  const prepared = prepare(options, named, catalogue);
  refuseUnfit(prepared.plan, prepared.source);
  if (options.dryRun) {
    printPlan(prepared.plan, options.json, io);
    return EXIT.fine;
  }
  const places = placesOf(options, io.today());
  if (options.report) refuseUnwritableReport(places.results);
  const file = openResults(places, prepared, catalogue, io);
  try {
    const lines = await measure(prepared, catalogue, file, io);
    if (lines === 0 && !io.signal.aborted) note(io, "nothing was left to do, or no time for it");
  } finally {
    file.close();
  }
  return finish(places, options, io);
}

interface Prepared {
  readonly plan: Plan;
  readonly source: InputSource;
  /** What an interrupted session of the same run wrote. */
  readonly earlier: ReadResults | null;
}

/** The results whose plan is run: those to go on with, or to run again; null where the options make the plan. */
function resultsNamed({ plan: typed, resume, replay, out }: RunOptions): ReadResults | null {
  if (resume !== undefined && (replay ?? out) !== undefined) {
    throw new UsageError("--resume: goes on with its own plan and file; leave --replay and --out away");
  }
  const path = resume ?? replay;
  if (path === undefined) return null;
  if (resume !== undefined) {
    refuseStream("--resume", resume, "save it to one first, or run its plan anew with --replay");
  }
  refuseChanges(typed, resume === undefined ? ["plugins"] : ["plugins", "budget"]);
  return readLines(path);
}

function prepare(
  { plan: typed, resume }: RunOptions,
  named: ReadResults | null,
  catalogue: Catalogue,
): Prepared {
  if (named === null) {
    const { spec, seed } = inputOf(typed);
    const source = openInput(spec, seed, typed.tensors);
    return { plan: planOf(typed, catalogue, source), source, earlier: null };
  }
  const written = named.run.plan;
  const again = planAgain(written, catalogue);
  const source = openInput(again.input, again.seed, again.tensors);
  if (resume === undefined) {
    return { plan: { ...again, plugins: [...typed.plugins] }, source, earlier: null };
  }
  const budget = typed.budget === undefined ? written.budget_s : parseDuration("--budget", typed.budget);
  const plan = { ...again, budget_s: budget };
  refuseOtherCases(written, plan);
  return { plan, source, earlier: named };
}

/** Refuses a plan of which nothing could be measured, or whose input cannot give what it asks for. */
function refuseUnfit({ cases }: Plan, source: InputSource): void {
  if (cases.every(({ unsupported }) => unsupported !== null)) {
    const [reason] = cases.map(({ unsupported }) => printable(unsupported ?? ""));
    throw new UsageError(`run: a case must be supported by its kernel, got none; ${reason}`);
  }
  const shapes = new Map<string, Shape>();
  for (const one of cases) {
    const { batch, heads, length, headDim } = inputShapeOf(one);
    const longest = longestOf(source, batch);
    if (!(length <= longest)) {
      throw new UsageError(`plan: a length must be at most the input's ${longest} tokens, got ${length}`);
    }
    shapes.set(`${batch} ${heads} ${headDim}`, { batch, heads, length: 1, headDim });
  }
  for (const shape of shapes.values()) source.inputs(shape);
}

/** Opens the results before anything is measured, so that nothing is measured that cannot be kept. */
function openResults(
  { results }: RunPlaces,
  { plan, source, earlier }: Prepared,
  { kernels, plugins }: LoadedCatalogue,
  io: Io,
): LineFile<ResultLine> {
  const input = inputHash(source, plan);
  // One that cannot run is recorded with the reason: others were measured in its place.
  const measured = kernels.filter(({ id, unavailable }) => {
    return plan.cases.some(({ kernel }) => kernel === id) || (unavailable?.() ?? null) !== null;
  });
  const environment = {
    ...readEnvironment(packageRoot(), measured),
    ...(plugins.length > 0 && { plugins: [...plugins] }),
  };
  if (earlier !== null) {
    refuseOtherEnvironment(earlier.run.environment, environment);
    refuseOtherInput(earlier.run, input);
    if (earlier.truncated) note(io, `${printable(results)}: its last line was cut off and is left out`);
    return continueLines(RESULTS, results, earlier.validBytes);
  }
  return createLines(RESULTS, results, {
    type: "run",
    schema: SCHEMA_VERSION,
    started: io.today().toISOString(),
    plan,
    environment: { ...environment, ...limitsFor(plan, environment.caches, kernels) },
    input_sha256: input,
  });
}

/** Returns how many lines were written. */
async function measure(
  { plan, source, earlier }: Prepared,
  { kinds, variants, kernels }: Catalogue,
  file: LineFile<ResultLine>,
  io: Io,
): Promise<number> {
  const display = progressDisplay(io);
  try {
    const lines = runPlan(plan, {
      kinds,
      variants,
      kernels,
      source,
      already: alreadyDone(earlier),
      // What nobody tells is no limit.
      memoryBytes: usableMemory() || Number.POSITIVE_INFINITY,
      now: io.now,
      signal: io.signal,
      observe: display.update,
    });
    let written = 0;
    for await (const line of lines) {
      file.append(line);
      written++;
    }
    return written;
  } finally {
    display.stop();
  }
}

/** Reads back what was written, and tells it: the table, what to know before believing it, and where it lies. */
async function finish(places: RunPlaces, options: RunOptions, io: Io): Promise<ExitCode> {
  const results = readResults(places.results, places.results);
  if (!options.json) print(io, "", summaryTable(results.rows, io.columns), "");
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
    const plugins = options.plan.plugins.map((path) => `--plugin ${quotedPath(path)} `).join("");
    note(io, `interrupted; go on with: attnbench run ${plugins}--resume ${quotedPath(places.results)}`);
    return EXIT.failed;
  }
  const ended = (outcome: CaseRow["outcome"]) => results.rows.some((row) => row.outcome === outcome);
  const exit = ended("failed") ? EXIT.failed : ended("unproven") ? EXIT.inconclusive : EXIT.fine;
  if (exit !== EXIT.inconclusive) refuseNothing(results);
  if (options.report) await report({ files: [places.results], out: undefined }, io);
  return exit;
}

function refuseNothing({ rows }: Results): void {
  if (rows.some(({ outcome }) => outcome === "measured")) return;
  const [reason] = rows.flatMap((row) => row.reason ?? []);
  throw new FailureError(`run: nothing was measured; ${printable(reason ?? "no case was planned", 500)}`);
}
