import { messageOf } from "../../core/errors.ts";
import type { TrainedLine } from "../../record/schema/learning-lines.ts";
import type { BoundTask, Examples } from "../../tasks/task.ts";
import type { Learner } from "../learner.ts";
import { testExamples, trainingStream, validationExamples } from "./data.ts";
import { isStillGaining, type Look, stepsTo } from "./look.ts";
import type { RunName } from "./next-runs.ts";
import { NOTHING_KNOWN, type RunResult } from "./run-result.ts";
import { rateAt } from "./schedule.ts";

/** How a run is carried out, the same for every variant. */
export interface RunSettings {
  /** The task's name in the file, by which its examples are drawn. */
  readonly name: string;
  readonly task: BoundTask;
  readonly batch: number;
  readonly steps: number;
  readonly lookEvery: number;
  readonly validationExamples: number;
  readonly testExamples: number;
}

/** What is done before and after training besides it, and what time it takes. */
export interface RunChecks {
  /** Holds the dense twin to the references, before anything is trained; `failure` says what is wrong. */
  twin(): { readonly failure: string | null; readonly agreement: TrainedLine["twin"] };
  /** Runs the kernel that is timed on what the model makes of these examples. */
  kernel(
    learner: Learner,
    examples: Examples,
  ): Promise<{ readonly failure: string | null; readonly agreement: TrainedLine["kernel"] }>;
  /** Seconds of processor time of this process so far. */
  processorSeconds(): number;
}

/** Examples on which the timed kernel is tried after training: a few, since the reference computes all rows of each. */
const KERNEL_EXAMPLES = 2;

/**
 * Trains one model by one rate from one seed: holds the twin to the references first, looks at accuracy on the way, and at the
 * end on test examples and at the timed kernel. A loss that is no number ends it as `diverged`; whatever throws, as `failed`.
 * `looked` hears of each look, and is waited for: training itself never leaves its thread, where nothing else is heard meanwhile.
 */
export async function trainRun(
  { role, rate, seed }: RunName,
  settings: RunSettings,
  createLearner: () => Learner,
  checks: RunChecks,
  looked: (look: Look) => void | Promise<void> = () => {},
): Promise<RunResult> {
  const began = checks.processorSeconds();
  const spent = () => checks.processorSeconds() - began;
  let known = NOTHING_KNOWN;
  const failed = (reason: string): RunResult => ({
    ...known,
    accuracy: null,
    steps_to_99: null,
    still_gaining: null,
    outcome: "failed",
    reason,
    processor_s: spent(),
  });
  let learner: Learner | null = null;
  try {
    const { failure: wrong, agreement: twin } = checks.twin();
    known = { ...known, twin };
    if (wrong !== null) return failed(`the dense twin is wrong: ${wrong}`);
    learner = createLearner();
    const { curve, divergedAt } = await learn(learner, { rate, seed }, settings, looked);
    known = { ...known, curve };
    if (divergedAt !== null) {
      const reason = `the loss was no number at step ${divergedAt} of ${settings.steps}`;
      return { ...known, outcome: "diverged", reason, processor_s: spent() };
    }
    const last = curve.at(-1)?.accuracy ?? 0;
    const looks = { answers: settings.validationExamples * answersOf(settings.task) };
    known = {
      ...known,
      accuracy: last,
      steps_to_99: stepsTo(0.99, curve),
      still_gaining: isStillGaining(curve, settings.steps, looks.answers),
    };
    if (role === "test") {
      const examples = testExamples(settings.task, settings.name, settings.testExamples);
      known = { ...known, accuracy: accuracyOf(learner, examples) };
      const few = testExamples(settings.task, settings.name, KERNEL_EXAMPLES);
      const { failure, agreement: kernel } = await checks.kernel(learner, few);
      known = { ...known, kernel };
      if (failure !== null) return failed(`the kernel that is timed does not agree: ${failure}`);
    }
    return { ...known, outcome: "trained", reason: null, processor_s: spent() };
  } catch (thrown) {
    return failed(messageOf(thrown));
  } finally {
    learner?.dispose();
  }
}

/** The share of right answers. */
function accuracyOf(learner: Learner, examples: Examples): number {
  const right = learner.right(examples);
  return right.reduce((sum, one) => sum + one, 0) / right.length;
}

function answersOf({ output }: BoundTask): number {
  return output.kind === "asked" ? output.answers : 1;
}

async function learn(
  learner: Learner,
  { rate, seed }: Pick<RunName, "rate" | "seed">,
  { name, task, batch, steps, lookEvery, validationExamples: count }: RunSettings,
  looked: (look: Look) => void | Promise<void>,
): Promise<{ readonly curve: readonly Look[]; readonly divergedAt: number | null }> {
  const stream = trainingStream(name, seed);
  const validation = validationExamples(task, name, count);
  const curve: Look[] = [];
  let losses = 0;
  let since = 0;
  for (let step = 1; step <= steps; step++) {
    const loss = learner.step(task.draw(stream, batch), rateAt(step, steps, rate));
    if (!Number.isFinite(loss)) return { curve, divergedAt: step };
    losses += loss;
    since++;
    if (step % lookEvery !== 0 && step !== steps) continue;
    const look = { step, loss: losses / since, accuracy: accuracyOf(learner, validation) };
    curve.push(look);
    await looked(look);
    losses = 0;
    since = 0;
  }
  return { curve, divergedAt: null };
}
