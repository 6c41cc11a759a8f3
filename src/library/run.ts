import { printable, UsageError } from "../core/errors.ts";
import type { InputSource } from "../core/tensors.ts";
import { packageRoot } from "../files/package-root.ts";
import { refuseStream } from "../files/read-whole.ts";
import { openInput } from "../input/open-input.ts";
import { devicesOf, measureDevices } from "../machine/devices.ts";
import { readEnvironment } from "../machine/environment.ts";
import { limitsFor } from "../machine/limits.ts";
import { platform } from "../platform/here.ts";
import { nameOfPlugin } from "../plugins/plugin-exports.ts";
import { checkedLines, continueLines, createLines, type LineFile } from "../record/append.ts";
import { RESULTS } from "../record/line-kind.ts";
import { awaitLines, type ReadResults } from "../record/read.ts";
import { inputShapeOf, layerOf } from "../record/schema/case-task.ts";
import { type Plan, type ResultLine, type RunLine, SCHEMA_VERSION } from "../record/schema/result-lines.ts";
import type { OnInput } from "../run/run-context.ts";
import { runPlan } from "../run/run-plan.ts";
import { parseDuration } from "../text/units.ts";
import type { AsTyped } from "./as-typed.ts";
import { type LoadedCatalogue, loadCatalogue } from "./catalogue.ts";
import { readingOf, readingOfPlan } from "./file-reading.ts";
import { givenInputs, inputRemarks } from "./given-inputs.ts";
import type { Host, ProgressHearing } from "./host.ts";
import { inputHash } from "./input-hash.ts";
import { kernelEntries, peersAgain, pluginsWith } from "./kernel-choice.ts";
import { unavailableKernels } from "./known-kernels.ts";
import { parseMode } from "./mode-option.ts";
import { otherKernels } from "./other-kernels.ts";
import { planOf } from "./plan-of.ts";
import { inputOf, type PlanChoices, type TypedChoices } from "./plan-options.ts";
import { refuseUnfit, refuseUnsupported } from "./refuse-unfit.ts";
import {
  alreadyDone,
  othersThanBegan,
  planAgain,
  refuseChanges,
  refuseLoaded,
  refuseOtherCases,
  refuseOtherEnvironment,
  refuseOtherInput,
} from "./resume.ts";
import { usualHeadsRemark } from "./shape-options.ts";
import { simdOf } from "./simd-option.ts";
import { openWorkloads, planWorkloads, refuseShorter, workloadSpecs } from "./workload-choice.ts";

/** Where the plan of a run may come from, other than from options. */
interface PlanFiles {
  /** A results file whose run is resumed. Its existing lines are not yielded again. */
  readonly resume?: string | undefined;
  /** A results file whose plan is run again. */
  readonly replay?: string | undefined;
}

/** The options of `plan`: choices, or the file of a plan. */
export interface PlanOptions extends PlanChoices, PlanFiles {}

/** The options of `run`. */
export interface RunOptions extends PlanOptions, ProgressHearing {
  /** A new results file, ending in .jsonl: each line is in it before it is yielded. None if omitted. */
  readonly out?: string | undefined;
}

/** A plan, and what it takes to carry it out. */
export interface PreparedRun {
  readonly plan: Plan;
  readonly source: InputSource;
  readonly workloads: readonly OnInput[];
  readonly catalogue: LoadedCatalogue;
  /** What an interrupted session of the same run wrote. */
  readonly earlier: ReadResults | null;
  /** Which part of which sweep it is; none if omitted. */
  readonly shard?: RunLine["shard"];
}

/** What a sweep asks of its shards' plans. */
export interface PlanDemands {
  /** Whether a plan with nothing that could be measured is made nevertheless. */
  readonly mayBeSkipped?: boolean;
  /** The variant that others are compared with; full attention if omitted. */
  readonly baseline?: string | undefined;
}

/** Makes the plan, or takes it from a file. Refuses one with nothing that could be measured, unless `mayBeSkipped`. */
export async function prepareRun(
  options: TypedChoices & AsTyped<PlanFiles & Pick<RunOptions, "out">>,
  host: Pick<Host, "warn">,
  { mayBeSkipped = false, baseline }: PlanDemands = {},
): Promise<PreparedRun> {
  const { out, resume, replay, ...typed } = options;
  const named = await resultsNamed(typed, { out, resume, replay });
  const choices = named === null ? typed : withPeers(typed, named.run.plan);
  const simd = simdOf(named === null ? choices.simd : named.run.plan.simd);
  const catalogue = await loadCatalogue(pluginsWith(choices), simd, kernelsNamed(choices, named));
  if ((choices.kernel ?? "auto") === "auto") {
    for (const line of unavailableKernels(catalogue)) host.warn(line);
  }
  try {
    const planned = await (named === null
      ? planFrom(choices, catalogue, host, baseline)
      : planFromFile(choices, resume, named, catalogue, host));
    if (!mayBeSkipped) refuseUnsupported(planned.plan);
    refuseUnfit(planned.plan, planned.source);
    for (const line of inputRemarks(planned.plan, planned.source, catalogue)) host.warn(line);
    if (named === null && (choices.kernel ?? "auto") === "auto") {
      for (const line of otherKernels(planned.plan, catalogue)) host.warn(line);
    }
    return { ...planned, catalogue };
  } catch (thrown) {
    await catalogue.close();
    throw thrown;
  }
}

/** The kernels that a run names: those of its options, or of the plan in a file. */
function kernelsNamed({ kernel }: TypedChoices, named: ReadResults | null): readonly string[] {
  const planned = named?.run.plan.cases.map((one) => one.kernel) ?? [];
  return [...(kernelEntries(kernel) ?? []), ...new Set(planned)];
}

/** The options of a run from a file, and the peers by which it was made. */
function withPeers(choices: TypedChoices, { plugins: recorded }: Plan): TypedChoices {
  const again = peersAgain(recorded, choices.python);
  return again.length === 0 ? choices : { ...choices, plugins: [...(choices.plugins ?? []), ...again] };
}

/** The results whose plan is run: those to resume, or to run again; null if the options make the plan. */
async function resultsNamed(
  choices: TypedChoices,
  { out, resume, replay }: Pick<RunOptions, "out" | "resume" | "replay">,
): Promise<ReadResults | null> {
  if (resume !== undefined && (replay ?? out) !== undefined) {
    throw new UsageError("--resume: resumes its own plan and file; omit --replay and --out");
  }
  const path = resume ?? replay;
  if (path === undefined) return null;
  if (resume !== undefined) {
    refuseStream("--resume", resume, "save it to one first, or run its plan again with --replay");
    refuseLoaded(choices.plugins ?? []);
  }
  refuseChanges(choices, resume === undefined ? ["plugins", "python"] : ["plugins", "python", "budget"]);
  const read = await awaitLines(path);
  if (read.learned !== null && read.run.plan.cases.length === 0) {
    const option = resume === undefined ? "--replay" : "--resume";
    throw new UsageError(
      `${option}: must have cases to measure, got only what variants learned in ${printable(path)}; attnbench train --resume goes on with that`,
    );
  }
  return read;
}

type Planned = Omit<PreparedRun, "catalogue">;

async function planFrom(
  choices: TypedChoices,
  catalogue: LoadedCatalogue,
  { warn }: Pick<Host, "warn">,
  baseline: string | undefined,
): Promise<Planned> {
  const { spec, seed, tensors } = inputOf(choices);
  const source = await openInput(spec, seed, tensors, readingOf(choices, catalogue));
  const plan = planOf(choices, catalogue, source, baseline);
  const specs = workloadSpecs(choices.workloads, parseMode(choices.mode));
  if (specs === null) return { plan, source, workloads: [], earlier: null };
  const workloads = await openWorkloads(specs, seed, warn);
  return { plan: { ...plan, workloads: planWorkloads(workloads) }, source, workloads, earlier: null };
}

async function planFromFile(
  { plugins = [], budget: typed }: TypedChoices,
  resume: string | undefined,
  named: ReadResults,
  catalogue: LoadedCatalogue,
  { warn }: Pick<Host, "warn">,
): Promise<Planned> {
  const written = named.run.plan;
  const source = await openInput(
    written.input,
    written.seed,
    written.tensors,
    readingOfPlan(written, catalogue),
  );
  const workloads = await openWorkloads(written.workloads?.inputs ?? [], written.seed, warn);
  refuseShorter(workloads, written);
  const again = planAgain(written, catalogue, source);
  if (resume === undefined) {
    return { plan: { ...again, plugins: plugins.map(nameOfPlugin) }, source, workloads, earlier: null };
  }
  const budget = typed === undefined ? written.budget_s : parseDuration("--budget", typed);
  const plan = { ...again, budget_s: budget };
  refuseOtherCases(written, plan);
  return { plan, source, workloads, earlier: named };
}

/**
 * Carries out a plan and yields the lines of its results as they come. If a file is named, it is opened
 * before anything is measured, so that nothing is measured that cannot be kept, and each line is written to
 * it before it is yielded.
 */
export async function* measureRun(
  prepared: PreparedRun,
  path: string | undefined,
  host: Host,
): AsyncGenerator<ResultLine, void, void> {
  const { plan, source, workloads, catalogue, earlier } = prepared;
  // Interrupts are heard from here on: a file is begun.
  const { signal } = host;
  const { file, head } = await openResults(path, prepared, host).catch(async (thrown: unknown) => {
    await catalogue.close();
    throw thrown;
  });
  const told = toldOf(prepared);
  if (told !== null) host.remark(told);
  try {
    if (head !== null) yield head;
    const lines = runPlan(plan, {
      kinds: catalogue.kinds,
      variants: catalogue.variants,
      kernels: catalogue.kernels,
      source,
      workloads,
      already: alreadyDone(earlier),
      // What is unknown is no limit.
      memoryBytes: platform.usableMemory() || Number.POSITIVE_INFINITY,
      now: host.now,
      signal,
      observe: host.observe,
    });
    for await (const line of lines) {
      file.append(line);
      yield line;
    }
  } finally {
    file.close();
    await catalogue.close();
  }
}

/** What was read as the input of a plan, and what its longest case makes of it; null if the input's name says all. */
export function toldOf({ plan, source }: Pick<PreparedRun, "plan" | "source">): string | null {
  const longest = plan.cases.reduce((a, b) => (b.length > a.length ? b : a));
  const shape = inputShapeOf(longest);
  const layer = layerOf(longest, false);
  if (layer === undefined) return source.told?.(shape) ?? null;
  const told = source.told?.(shape, { ...shape, ...layer }) ?? null;
  return told === null ? null : `${told}${usualHeadsRemark(source, layer)}`;
}

/** The results, and their first line if they begin here. */
interface OpenResults {
  readonly file: Pick<LineFile<ResultLine>, "append" | "close">;
  readonly head: RunLine | null;
}

async function openResults(
  path: string | undefined,
  prepared: PreparedRun,
  host: Host,
): Promise<OpenResults> {
  const { plan, earlier, catalogue, shard } = prepared;
  const { kernels } = catalogue;
  const { measured, environment, given, input } = circumstancesOf(prepared);
  if (earlier !== null && path !== undefined) {
    refuseOtherEnvironment(earlier.run.environment, environment);
    refuseOtherInput(earlier.run, input);
    if (earlier.truncated) host.remark(`${printable(path)}: its last line was cut off and is ignored`);
    return { file: continueLines(RESULTS, path, earlier.validBytes), head: null };
  }
  const head: RunLine = {
    type: "run",
    schema: SCHEMA_VERSION,
    started: host.today().toISOString(),
    plan,
    environment: {
      ...environment,
      ...limitsFor(plan, environment.caches, kernels),
      ...(await measureDevices(measured, host.warn)),
    },
    input_sha256: input,
    ...(given.length > 0 && { given_inputs: given.map(({ name }) => name) }),
    ...(shard !== undefined && { shard }),
  };
  const file = path === undefined ? checkedLines(RESULTS) : createLines(RESULTS, path, head);
  if (path === undefined) file.append(head);
  return { file, head };
}

/** What a run is measured with and on, as far as that takes no measuring. */
function circumstancesOf({ plan, source, catalogue }: PreparedRun) {
  const { kernels, plugins } = catalogue;
  const given = givenInputs(plan, source, catalogue);
  const input = inputHash(source, plan, given);
  // A kernel that cannot run is recorded with the reason: others were measured in its place.
  const measured = kernels.filter(({ id, unavailable }) => {
    return plan.cases.some(({ kernel }) => kernel === id) || (unavailable?.() ?? null) !== null;
  });
  const environment = {
    ...readEnvironment(packageRoot(), measured),
    ...devicesOf(measured),
    ...(plugins.length > 0 && { plugins: [...plugins] }),
  };
  return { measured, environment, given, input };
}

/** Why an interrupted run cannot go on here, such as that it began on another machine; null if it can. */
export function whyNotHere(prepared: PreparedRun): string | null {
  const { earlier } = prepared;
  if (earlier === null) return null;
  const { environment, input } = circumstancesOf(prepared);
  const [other] = othersThanBegan(earlier.run.environment, environment);
  if (other !== undefined) {
    const { field, base, head } = other;
    return `it began with ${printable(field, 60)} ${printable(base)}, this is ${printable(head)}`;
  }
  if ((earlier.run.input_sha256 ?? null) === input) return null;
  return `it began with different numbers in ${printable(prepared.plan.input)} than are in it now`;
}
