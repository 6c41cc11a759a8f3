import type { Learned } from "../../record/learned.ts";
import { rateChoice, rateOf, type TriedRate } from "../../record/schema/chosen-rate.ts";
import type { StudiedCell, StudiedTask, StudyLine, TrainedLine } from "../../record/schema/learning-lines.ts";
import { labeller, labelsOf, shortName } from "../../text/labels.ts";

/** What a study says of one variant on one task. */
export interface LearnedRow {
  /** The variant, and what sets it apart on its task; safe to print, short, and unlike that of any other row of the task. */
  readonly label: string;
  readonly variant: string;
  /** As `Series.variantLabel` of the same report. */
  readonly variantLabel: string;
  readonly cell: StudiedCell;
  readonly task: StudiedTask;
  /** The task's name, safe to print, short, and unlike that of any other task. */
  readonly taskLabel: string;
  readonly state: LearnedState;
  /** Why runs were not trained, or none was, each once; a stranger's texts. */
  readonly why: readonly string[];
  /** The rates that choosing runs tried, rising; none if none is chosen. */
  readonly tried: readonly TriedRate[];
  /** The one that did best; null if none was trained. */
  readonly best: number | null;
  /** The rate of the test runs, or of those to come; null if it is not chosen yet. */
  readonly rate: number | null;
  /** Whether it is the best and the smallest or the largest that was tried. */
  readonly edge: "smallest" | "largest" | null;
  /** The test runs at that rate that were trained, by seed. */
  readonly tests: readonly TestRun[];
  /** Those that diverged or failed. */
  readonly lost: readonly TrainedLine[];
  /** Of the test runs. Three seeds give no interval; null if none was trained. */
  readonly accuracy: Spread | null;
  /** Test runs whose accuracy still rose over the last fifth of their steps. */
  readonly stillGaining: number;
  /** Steps to 99 % of those test runs that got there, rising. */
  readonly stepsTo99: readonly number[];
  /** What guessing can add to what the mask lets be known; null if it cannot be trained. */
  readonly ceiling: number | null;
}

/**
 * `tested`: at least one test run was trained. `diverged`, `failed`: runs ended, but none was trained. `untested`: there is no
 * test run yet. `unsupported`: it cannot be trained on the task.
 */
type LearnedState = "tested" | "diverged" | "failed" | "untested" | "unsupported";

/** A run that was trained. */
export interface TestRun extends TrainedLine {
  readonly accuracy: number;
}

interface Spread {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/**
 * What a study says, a row a cell in its order. `others` are variants of the same report that stand before these, such as those
 * that were timed: two names that are cut alike get two labels.
 */
export function learnedRows({ study, runs }: Learned, others: readonly string[] = []): readonly LearnedRow[] {
  const tasks = new Map(study.tasks.map((task) => [task.task, task]));
  const names = labelsOf([...others, ...study.cells.map(({ variant }) => variant)]);
  const taskNames = labelsOf(study.tasks.map(({ task }) => task));
  const runsOf = Map.groupBy(runs, ({ cell }) => cell);
  const labels = new Map<string, (parts: readonly string[]) => string>();
  return study.cells.flatMap((cell) => {
    const task = tasks.get(cell.task);
    if (task === undefined) return [];
    const label = labels.get(cell.task) ?? labeller();
    labels.set(cell.task, label);
    const variantLabel = names.get(cell.variant) ?? "";
    const alike = study.cells.filter((one) => one.task === cell.task && one.variant === cell.variant);
    return [
      {
        label: label([variantLabel, apartFrom(cell, alike)]),
        variant: cell.variant,
        variantLabel,
        cell,
        task,
        taskLabel: taskNames.get(cell.task) ?? "",
        ...outcomeOf(cell, study, runsOf.get(cell.cell) ?? []),
        ceiling: ceilingOf(cell, task),
      },
    ];
  });
}

/** The share of right answers that a mask can reach: what it lets be known, and of the rest what guessing gets right. */
export function ceilingOf({ reach }: Pick<StudiedCell, "reach">, { chance }: Pick<StudiedTask, "chance">) {
  return reach === null ? null : reach + (1 - reach) * chance;
}

/** The rows by task, in the study's order. */
export function byTask(rows: readonly LearnedRow[]): readonly (readonly LearnedRow[])[] {
  return [...Map.groupBy(rows, ({ task }) => task.task).values()];
}

/** The rows with an accuracy, the best first. */
export function ranked(rows: readonly LearnedRow[]): readonly (LearnedRow & { readonly accuracy: Spread })[] {
  return rows
    .filter((row): row is LearnedRow & { readonly accuracy: Spread } => row.accuracy !== null)
    .sort((a, b) => b.accuracy.mean - a.accuracy.mean);
}

type Outcome = Omit<
  LearnedRow,
  "label" | "variant" | "variantLabel" | "cell" | "task" | "taskLabel" | "ceiling"
>;

function outcomeOf(cell: StudiedCell, study: StudyLine, runs: readonly TrainedLine[]): Outcome {
  const { tried, best, edge } = rateChoice(cell.cell, study, runs);
  const rate = rateOf(cell, study, runs);
  const own = runs
    .filter((run) => run.role === "test" && run.rate === rate)
    .toSorted((a, b) => a.seed - b.seed);
  const tests = own.filter(isTrained);
  const lost = own.filter((run) => run.outcome !== "trained");
  const accuracies = tests.map(({ accuracy }) => accuracy);
  const ended = runs.filter(({ outcome }) => outcome !== "trained");
  const state = stateOf(cell, runs, tests);
  const reasons = (state === "tested" ? lost : ended).flatMap(({ reason }) => reason ?? []);
  return {
    state,
    why: [...new Set(cell.unsupported === null ? reasons : [cell.unsupported])],
    tried,
    rate,
    edge: best?.rate === rate ? edge : null,
    best: best?.rate ?? null,
    tests,
    lost,
    accuracy: spreadOf(accuracies),
    stillGaining: tests.filter(({ still_gaining: gains }) => gains === true).length,
    stepsTo99: tests.flatMap(({ steps_to_99: steps }) => steps ?? []).sort((a, b) => a - b),
  };
}

function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return {
    least: values.reduce((least, value) => Math.min(least, value)),
    mean: values.reduce((sum, value) => sum + value) / values.length,
    most: values.reduce((most, value) => Math.max(most, value)),
  };
}

function stateOf(
  cell: StudiedCell,
  runs: readonly TrainedLine[],
  tests: readonly TrainedLine[],
): LearnedState {
  if (cell.unsupported !== null) return "unsupported";
  if (tests.length > 0) return "tested";
  if (runs.some(({ outcome }) => outcome === "failed")) return "failed";
  const diverged = runs.filter(({ outcome }) => outcome === "diverged");
  const isTestLost = diverged.some(({ role }) => role === "test");
  return isTestLost || (runs.length > 0 && diverged.length === runs.length) ? "diverged" : "untested";
}

function isTrained(run: TrainedLine): run is TestRun {
  return run.outcome === "trained" && run.accuracy !== null;
}

/** The parameters that tell a cell from others of the same variant on the same task. */
function apartFrom({ params }: StudiedCell, alike: readonly StudiedCell[]): string {
  const names = [...new Set(alike.flatMap((one) => Object.keys(one.params)))];
  return names
    .filter((name) => new Set(alike.map((one) => JSON.stringify(one.params[name]))).size > 1)
    .map((name) => `${shortName(name)} ${shortName(String(params[name] ?? "–"))}`)
    .join(", ");
}
