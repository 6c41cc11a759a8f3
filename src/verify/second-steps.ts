import { awaited, type Coroutine } from "../core/coroutine.ts";
import { elementCount, overTokens, type Shape } from "../core/shape.ts";
import { stepWindow } from "../core/step-window.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Stepper } from "../kernels/stepper.ts";
import { supportsSteps } from "../kernels/supports-mode.ts";
import { weightsOf } from "../mechanisms/judged.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { stepsOf } from "../mechanisms/work-of-case.ts";
import { discard } from "./discard.ts";
import type { DecodeProblem } from "./expect-steps.ts";
import type { SecondOpinion } from "./second-opinion.ts";
import { stepped } from "./stepped.ts";
import { tokenRows } from "./token-rows.ts";
import { unlikeRows } from "./unlike-rows.ts";

/** Operations that the steps of a second opinion may take. */
const MOST_FLOPS = 4e9;

/** Compares all outputs of a window, in every head, with those of another kernel. Null if it cannot be. */
export function* secondSteps(
  problem: DecodeProblem,
  output: Float32Array,
  kernel: Kernel | null,
  patience_s?: number,
): Coroutine<SecondOpinion | null> {
  const { mechanism, shape, causal, inputs, position } = problem;
  const window = stepWindow(position);
  const task = { mechanism, shape, causal, threads: 1 };
  if (kernel?.decode === undefined || supportsSteps(kernel, task) !== true) return null;
  if (!(window.steps * stepsOf(problem).work(problem, position).usefulFlops <= MOST_FLOPS)) return null;
  const windowShape: Shape = overTokens(inputs.shape, window.steps);
  const theirs = new Float32Array(elementCount(windowShape, "output"));
  let stepper: Stepper | null = null;
  try {
    stepper = yield* awaited(kernel.decode.prepare(task, weightsOf(problem)));
    const { outputs } = stepped(stepper, patience_s);
    stepper.prefill(inputs, window.first);
    const rows = tokenRows(problem, window.steps);
    rows.fetch(inputs, window.first);
    for (const token of rows.tokens) {
      stepper.step(token);
      yield* awaited(outputs());
    }
    rows.store(theirs, windowShape, 0, 0, window.steps);
  } catch {
    // It has no room, or fails: no opinion.
    return null;
  } finally {
    discard(stepper);
  }
  return {
    rows: shape.batch * shape.heads * window.steps,
    unlike: unlikeRows(output, theirs, outputsOf({ ...problem, shape: windowShape })),
  };
}
