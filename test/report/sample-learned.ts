import { randomStream } from "../../src/core/random.ts";
import { withSketches } from "../../src/library/sketches.ts";
import { type Results, summarize } from "../../src/record/case-row.ts";
import type { Learned } from "../../src/record/learned.ts";
import type {
  StudiedCell,
  StudiedTask,
  StudyLine,
  TrainedLine,
} from "../../src/record/schema/learning-lines.ts";
import type { FileLine } from "../../src/record/schema/result-lines.ts";
import { hostile } from "./hostile-results.ts";
import { type SampleOptions, sampleResults, sampleRun } from "./sample-results.ts";

/** What a study that never was found of a variant. */
interface Finding {
  readonly variant: string;
  /** Final accuracies of its test seeds. */
  readonly tests: readonly number[];
  /** Of the rates .003, .01 and .03, in a choosing run; null if it diverged. */
  readonly rates: readonly (number | null)[];
  /** Numbers a layer keeps of a token's context; null if it has no step. */
  readonly state: number | null;
  readonly reach?: number;
  readonly gains?: boolean;
}

/** As the prototype found them on MQAR of 64 tokens, 16 pairs, two heads of 16. */
export const FINDINGS: readonly Finding[] = [
  { variant: "full", tests: [1, 1, 0.998], rates: [0.99, 1, 0.97], state: 4096 },
  { variant: "delta", tests: [0.96, 0.95, 0.975], rates: [0.06, 0.955, 0.93], state: 512 },
  { variant: "linear", tests: [0.89, 0.9, 0.87], rates: [0.06, 0.885, 0.87], state: 544 },
  { variant: "gated-delta", tests: [0.87, 0.86, 0.9], rates: [0.2, 0.88, null], state: 512 },
  {
    variant: "retention",
    tests: [0.74, 0.13, 0.68],
    rates: [0.03, 0.41, 0.72],
    state: 512,
    gains: true,
  },
  { variant: "performer", tests: [0.57, 0.49, 0.6], rates: [0.55, 0.3, 0.07], state: 2080 },
  { variant: "top-k", tests: [0.93, 0.99, 0.97], rates: [0.5, 0.96, 0.95], state: 4096 },
  { variant: "local", tests: [0.02, 0.024, 0.019], rates: [0.02, 0.021, 0.02], state: 1024, reach: 0.1 },
  { variant: "bigbird", tests: [0.018, 0.019, 0.02], rates: [0.02, 0.022, 0.02], state: null, reach: 0.12 },
];

export const RATES = [0.003, 0.01, 0.03];
const CHOOSING = [11];
export const TESTS = [1, 2, 3];
const CHANCE = 1 / 128;

export interface LearnedOptions {
  /** Tasks besides mqar, each of which is easier than the one before. */
  readonly tasks?: number;
  readonly findings?: readonly Finding[];
  /** One seed, and no rate chosen. */
  readonly quick?: boolean;
  readonly alter?: (line: TrainedLine) => TrainedLine | null;
  readonly alterCell?: (cell: StudiedCell) => StudiedCell;
}

/** A study that never was, of nine variants and one that cannot be trained. */
export function sampleLearned(options: LearnedOptions = {}): Learned {
  const { tasks: more = 1, findings = FINDINGS, quick = false } = options;
  const { alter = (line) => line, alterCell = (cell) => cell } = options;
  const tasks = Array.from({ length: more }, (_, at) => sampleTask(at));
  const found = tasks.flatMap((task) => [
    ...findings.map((finding) => ({
      finding,
      cell: alterCell({ ...cellOf(finding, task), rate: quick ? RATES[bestOf(finding)] : null }),
    })),
    { finding: null, cell: alterCell({ ...cellOf(NOTHING, task), ...UNSUPPORTED }) },
  ]);
  const cells = found.map(({ cell }) => cell);
  const study: StudyLine = {
    type: "study",
    started: "2026-01-02T03:04:05.000Z",
    protocol: quick ? "quick" : "full",
    trainer: "@jax-js/jax 0.1.25",
    rates: RATES,
    choosing_seeds: quick ? [] : CHOOSING,
    test_seeds: quick ? TESTS.slice(0, 1) : TESTS,
    look_every: 40,
    validation_examples: 256,
    test_examples: 512,
    tasks,
    cells,
  };
  const random = randomStream(5);
  const runs = found.flatMap(({ finding, cell }) => {
    if (finding === null || cell.unsupported !== null) return [];
    const at = tasks.findIndex(({ task }) => task === cell.task);
    const best = bestOf(finding);
    const easier = (accuracy: number) => (at === 0 ? accuracy : 1 - (1 - accuracy) ** (1 + at));
    const choosing = quick ? [] : finding.rates.map((accuracy, index) => ({ rate: RATES[index], accuracy }));
    const tests = finding.tests.slice(0, study.test_seeds.length);
    return [
      ...choosing.map(({ rate, accuracy }) =>
        runOf(
          cell,
          "choosing",
          rate,
          CHOOSING[0],
          accuracy === null ? null : easier(accuracy),
          random,
          false,
        ),
      ),
      ...tests.map((accuracy, index) =>
        runOf(
          cell,
          "test",
          RATES[best],
          study.test_seeds[index],
          easier(accuracy),
          random,
          finding.gains ?? false,
        ),
      ),
    ].flatMap((line) => alter(line) ?? []);
  });
  return { study, runs };
}

const NOTHING: Finding = { variant: "sinkhorn", tests: [], rates: [], state: null };

function bestOf({ rates }: Finding): number {
  return rates.reduce<number>((top, one, index) => ((one ?? -1) > (rates[top] ?? -1) ? index : top), 0);
}

const UNSUPPORTED = {
  unsupported: "has no dense twin: its sorting network is not differentiated here",
  parameters: null,
  state_numbers: null,
  reach: null,
  direct_reach: null,
  rate: null,
};

function sampleTask(at: number): StudiedTask {
  const names = ["mqar", "selective-copy", "list-ops"];
  const measures = ["recall", "copying", "accuracy"];
  return {
    task: names[at] ?? `task-${at}`,
    id: names[at] ?? `task-${at}`,
    title: ["Multi-query associative recall", "Selective copying", "ListOps, short"][at] ?? `Task ${at}`,
    measure: measures[at] ?? "accuracy",
    limits:
      "Recall of random symbols in a short sequence by a small model: not language, and nothing of what larger models would reach.",
    params: { pairs: 16 },
    length: 64 * (at + 1),
    causal: true,
    output: "asked",
    chance: at === 0 ? CHANCE : 0.1,
    model: { layers: 2, width: 32, heads: 2, convolution: 3, feed_forward: false, positions: false },
    batch: 32,
    steps: 800,
  };
}

function cellOf({ variant, state, reach = 1 }: Finding, task: StudiedTask): StudiedCell {
  return {
    cell: `${variant} ${task.task}`,
    variant,
    title: variant,
    params: variant === "local" ? { window: 16 } : {},
    task: task.task,
    unsupported: null,
    parameters: 13_696,
    state_numbers: state,
    reach,
    direct_reach: reach / 2,
    rate: null,
  };
}

function runOf(
  { cell }: StudiedCell,
  role: TrainedLine["role"],
  rate: number,
  seed: number,
  final: number | null,
  random: { gaussian(): number },
  gains: boolean,
): TrainedLine {
  const steps = 800;
  const last = final ?? 0.05;
  // Logistic, as recall appears: late and at once; what still gains is in the middle of it at the end.
  const middle = gains ? 620 : 180 + 420 * (1 - last);
  const shape = (step: number) => 1 / (1 + Math.exp(-(step - middle) / 45));
  const looks = final === null ? 4 : steps / 40;
  const curve = Array.from({ length: looks }, (_, at) => {
    const step = 40 * (at + 1);
    const clean = CHANCE + ((last - CHANCE) * shape(step)) / shape(steps);
    const accuracy = Math.min(1, Math.max(0, clean + 0.006 * random.gaussian() * (1 - shape(step))));
    return { step, loss: final === null && at === 3 ? null : 4.85 * (1 - accuracy) + 0.02, accuracy };
  });
  const first99 = curve.find(({ accuracy }) => accuracy >= 0.99)?.step ?? null;
  return {
    type: "trained",
    cell,
    role,
    rate,
    seed,
    outcome: final === null ? "diverged" : "trained",
    reason: final === null ? "the loss was no number after 160 steps" : null,
    accuracy: final,
    curve,
    steps_to_99: final === null ? null : first99,
    still_gaining: final === null ? null : gains,
    processor_s: 31.5,
    twin: {
      output: { error: 2e-7, budget: 2e-6, rows: 64 },
      gradients: { error: 3e-6, budget: 1e-5, rows: 64 },
    },
    kernel:
      final === null || role === "choosing"
        ? null
        : {
            kernel: "wasm",
            calls: 2,
            kernel_output: { error: 1e-7, budget: 1e-6, rows: 128 },
            twin_output: { error: 2e-7, budget: 1e-6, rows: 128 },
          },
  };
}

/** The lines of a file that a study alone has written. */
export function learnedLines(learned: Learned = sampleLearned()): readonly FileLine[] {
  return [sampleRun([], 1), learned.study, ...learned.runs];
}

/** Results of a study alone. */
export function learnedOnly(options: LearnedOptions = {}): Results {
  const results = summarize("learned.jsonl", sampleRun([], 1), []);
  return withSketches({ ...results, learned: sampleLearned(options) });
}

/** Results of a study, and of times of the same variants. */
export function learnedAndTimed(options: LearnedOptions = {}, timed: SampleOptions = {}): Results {
  return { ...sampleResults({ lengths: [256, 512, 1024, 2048], ...timed }), learned: sampleLearned(options) };
}

/** These results with every string of what was learned hostile. */
export function poisonedLearned(results: Results): Results {
  const { learned } = results;
  if (learned === undefined) throw new TypeError("poisonedLearned: results must hold what was learned");
  const unlike = new Map<string, string>();
  const evil = (text: string): string => {
    const known = unlike.get(text) ?? `${unlike.size}${hostile}`;
    unlike.set(text, known);
    return known;
  };
  const rows = results.rows.map((row) => ({
    ...row,
    ...(row.variant !== "full" && { variant: evil(row.variant), title: evil(row.title) }),
  }));
  const { study, runs } = learned;
  return {
    ...results,
    rows,
    learned: {
      study: {
        ...study,
        started: hostile,
        trainer: hostile,
        code: { [hostile]: hostile },
        tasks: study.tasks.map((task) => ({
          ...task,
          task: evil(task.task),
          id: evil(task.id),
          title: hostile,
          measure: evil(task.measure),
          limits: hostile,
          params: { [hostile]: 16 },
        })),
        cells: study.cells.map((cell) => ({
          ...cell,
          cell: evil(cell.cell),
          variant: cell.variant === "full" ? "full" : evil(cell.variant),
          title: hostile,
          params: { [hostile]: hostile },
          task: evil(cell.task),
          unsupported: cell.unsupported === null ? null : hostile,
        })),
      },
      runs: runs.map((run) => ({
        ...run,
        cell: evil(run.cell),
        reason: run.reason === null ? null : hostile,
        kernel: run.kernel === null ? null : { ...run.kernel, kernel: hostile },
      })),
    },
  };
}
