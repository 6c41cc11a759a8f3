import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { findVariant, parameterize } from "../../core/variant.ts";
import { packageRoot } from "../../files/package-root.ts";
import { refuseStream } from "../../files/read-whole.ts";
import { readEnvironment } from "../../machine/environment.ts";
import type { PluginExports } from "../../plugins/plugin-exports.ts";
import { runProcess } from "../../processes/run-process.ts";
import { continueLines, createLines, type LineFile } from "../../record/append.ts";
import { RESULTS } from "../../record/line-kind.ts";
import { readLines } from "../../record/read.ts";
import type { StudyLine, TrainedLine } from "../../record/schema/learning-lines.ts";
import { type FileLine, type RunLine, SCHEMA_VERSION } from "../../record/schema/result-lines.ts";
import { findTask } from "../../tasks/index.ts";
import { openLearning } from "../../training/open-learning.ts";
import { type RunName, runsLeft } from "../../training/study/next-runs.ts";
import { StudyClock, type TimeLeft } from "../../training/study/time-left.ts";
import { type LoadedCatalogue, loadCatalogue } from "../catalogue.ts";
import type { Host, ProgressHearing } from "../host.ts";
import { firstTyped } from "../plan-options.ts";
import { endingIn } from "../run-file.ts";
import { carryOut, type Trainer } from "./carry-out.ts";
import { changedCode, changedPlugins } from "./changed-code.ts";
import { type StudyChoices, studySpec, workersOf } from "./options.ts";
import { planStudy } from "./plan-study.ts";
import type { TrainMessage, TrainTask } from "./train-task.ts";

/** Where a study is written. */
export interface StudyFiles {
  /** A new results file. */
  readonly out?: string | undefined;
  /** A results file with times, to whose lines those of learning are added. */
  readonly addTo?: string | undefined;
  /** A file whose study is continued. */
  readonly resume?: string | undefined;
}

/** The options of `train`. */
export interface TrainOptions extends StudyChoices, StudyFiles, ProgressHearing {}

/** A study, and what it takes to carry it out. */
export interface PreparedStudy {
  readonly study: StudyLine;
  readonly already: readonly TrainedLine[];
  readonly workers: number;
  readonly plugins: readonly string[];
  /** Opens the file that lines go to, with the study in it. */
  open(): LineFile<FileLine>;
}

/** Seconds of silence after which a process that trains is given up: the longest between two looks, and far more. */
const PATIENCE_S = 1800;

/** Makes the study, or takes it from a file. Refuses one in which nothing can be trained. */
export async function prepareStudy(
  options: Omit<TrainOptions, keyof ProgressHearing>,
  path: string,
  host: Pick<Host, "today" | "warn">,
): Promise<PreparedStudy> {
  const { out, addTo, resume, workers, plugins = [], ...choices } = options;
  refuseTwo({ out, addTo, resume });
  const named = plugins.map(namedPlugin);
  const learning = await openLearning();
  if (typeof learning === "string") throw new FailureError(`train: ${learning}`);
  const catalogue = await loadCatalogue(named, "auto");
  try {
    const common = { workers: workersOf(workers), plugins: named };
    if (resume !== undefined) {
      refuseChoices(choices);
      const again = resumed(resume);
      refuseUnknown(again.study, catalogue);
      refuseOtherCode(again.study, learning.name, catalogue);
      return { ...common, ...again };
    }
    const spec = studySpec(catalogue.variants, choices);
    const study = planStudy(spec, {
      learning,
      kinds: catalogue.kinds,
      started: host.today(),
      code: readEnvironment(packageRoot(), []).code,
      plugins: catalogue.plugins,
    });
    refuseNothing(study);
    return {
      ...common,
      study,
      already: [],
      open: () => (addTo === undefined ? createFile(path, study, catalogue, host) : addedTo(addTo, study)),
    };
  } finally {
    await catalogue.close();
  }
}

/** Trains what is left of a study and yields each run as it ends; each is in the file before it is yielded. */
export async function* trainStudy(
  { study, already, workers, plugins, open }: PreparedStudy,
  host: Host,
  trainer: Trainer = inProcesses(study, plugins, host.signal),
): AsyncGenerator<TrainedLine, void, void> {
  // Interrupts are heard from here on.
  const { signal } = host;
  const file = open();
  try {
    for await (const line of carryOut(study, already, { trainer, workers }, { ...host, signal })) {
      file.append(line);
      yield line;
    }
  } finally {
    file.close();
  }
}

/** How many runs a study has left, at least. */
export function leftOf({ study, already }: Pick<PreparedStudy, "study" | "already">): number {
  return runsLeft(study, already);
}

/** How long those will take, by what similar runs took on another machine, or by those that the file has. */
export function timeLeftOf({ study, already, workers }: Omit<PreparedStudy, "open">): TimeLeft {
  return new StudyClock(study, already, workers).left(already, 0);
}

/** Each run in a process of its own. */
function inProcesses(study: StudyLine, plugins: readonly string[], signal: AbortSignal): Trainer {
  return (run: RunName) =>
    runProcess<TrainMessage>({
      // Compiled, this file and the process's end in .js.
      module: new URL(`./train-process${import.meta.url.slice(-3)}`, import.meta.url),
      task: taskOf(study, run, plugins) as never,
      patience: PATIENCE_S,
      signal,
      isLast: ({ kind }) => kind === "done",
    });
}

function taskOf(study: StudyLine, run: RunName, plugins: readonly string[]): TrainTask {
  const cell = study.cells.find((one) => one.cell === run.cell);
  const task = study.tasks.find((one) => one.task === cell?.task);
  if (cell === undefined || task === undefined) throw new TypeError(`train: no cell ${run.cell}`);
  const { look_every, validation_examples, test_examples, plugins: code } = study;
  const protocol = { look_every, validation_examples, test_examples };
  return { run, cell, task, protocol, plugins, ...(code !== undefined && { code }) };
}

function refuseTwo(files: StudyFiles): void {
  const given = Object.entries(files).filter(([, path]) => path !== undefined);
  if (given.length <= 1) return;
  const names = given.map(([name]) => (name === "addTo" ? "--add-to" : `--${name}`));
  throw new UsageError(
    `${names.join(" and ")}: name one file to write to, got ${given.length}; omit the others`,
  );
}

function namedPlugin(plugin: string | PluginExports): string {
  if (typeof plugin === "string") return plugin;
  throw new UsageError(
    "train: plug-ins must be named by module or package, got a loaded one; models are trained in processes of their own",
  );
}

function refuseChoices(choices: Omit<StudyChoices, "workers" | "plugins">): void {
  const typed = firstTyped({ ...choices });
  if (typed === undefined) return;
  throw new UsageError(`${typed}: the study comes from the file and cannot be changed; omit the option`);
}

/** A study in which no variant can be trained says why. */
function refuseNothing({ cells }: StudyLine): void {
  if (cells.some(({ unsupported }) => unsupported === null)) return;
  const [{ variant, task, unsupported }] = cells;
  throw new UsageError(
    `train: no variant can be trained on what was chosen; ${variant} on ${task}: ${unsupported}; choose others with --variants or --tasks`,
  );
}

function resumed(path: string): Pick<PreparedStudy, "study" | "already" | "open"> {
  refuseStream("--resume", path, "save it to one first");
  const { learned, validBytes } = readLines(path);
  if (learned === null) {
    throw new UsageError(
      `--resume: ${printable(path)} holds no study; begin one with attnbench train --add-to ${printable(path)}`,
    );
  }
  const { study, runs } = learned;
  // What failed may have been for want of memory, or of a kernel: it is tried again.
  const already = runs.filter(({ outcome }) => outcome !== "failed");
  return { study, already, open: () => continueLines(RESULTS, path, validBytes) };
}

/** Runs by two trainers, or by two states of any code, must not be told as one study. */
function refuseOtherCode(study: StudyLine, trainer: string, { plugins }: LoadedCatalogue): void {
  const code = readEnvironment(packageRoot(), []).code;
  const other =
    study.trainer === trainer
      ? (changedCode(study, code) ?? changedPlugins(study, plugins))
      : `${printable(study.trainer, 60)}, here is ${printable(trainer, 60)}`;
  if (other === null) return;
  throw new FailureError(`--resume: the study began with ${other}; restore it, or start over with --out`);
}

/** Before any run is written as failed: a file remembers that for good. */
function refuseUnknown({ tasks, cells }: StudyLine, { variants }: LoadedCatalogue): void {
  try {
    for (const { id, params } of tasks) findTask(id).bind(params);
    for (const { variant, params, unsupported } of cells) {
      if (unsupported === null) parameterize(findVariant(variants, variant), params);
    }
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    throw new UsageError(`--resume: ${thrown.message}; if a plug-in brought it, give its --plugin again`);
  }
}

function addedTo(path: string, study: StudyLine): LineFile<FileLine> {
  refuseStream("--add-to", path, "save it to one first");
  const { learned, validBytes } = readLines(path);
  if (learned !== null) {
    throw new UsageError(
      `--add-to: ${printable(path)} has a study already; continue it with --resume, or write another file with --out`,
    );
  }
  const file = continueLines(RESULTS, path, validBytes);
  file.append(study);
  return file;
}

/** A results file in which nothing is timed. */
function createFile(
  path: string,
  study: StudyLine,
  { plugins }: LoadedCatalogue,
  { today }: Pick<Host, "today">,
): LineFile<FileLine> {
  const head: RunLine = {
    type: "run",
    schema: SCHEMA_VERSION,
    started: today().toISOString(),
    plan: {
      seed: 0,
      rounds: 1,
      budget_s: 1,
      deadline_s: 1,
      input: "none",
      plugins: plugins.map(({ name }) => name),
      cases: [],
    },
    environment: {
      ...readEnvironment(packageRoot(), []),
      ...(plugins.length > 0 && { plugins: [...plugins] }),
    },
  };
  const file = createLines(RESULTS, endingIn("--out", path, ".jsonl"), head);
  file.append(study);
  return file;
}
