import type { Task } from "../core/problem.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Stepper } from "../kernels/stepper.ts";
import type { CalledAgain } from "./call-again.ts";
import { leastStep } from "./least-work.ts";
import { markProcessors, processorTime } from "./processor-time.ts";
import { thisSpeedLimit, tooFast } from "./speed-limit.ts";
import { tokenRows } from "./token-rows.ts";

/** The last tokens of a sequence are stepped through, as the most is attended there. */
const STEPS = 32;
const ENOUGH_S = 0.002;
const LEAST_PASSES = 3;
const MOST_PASSES = 64;

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/** Steps through the end of a sequence over and over, with nothing between the steps, as `callAgain` does with calls. */
export function stepAgain(task: Task, stepper: Stepper, inputs: AttentionInputs): CalledAgain {
  const { length } = inputs.shape;
  const steps = Math.min(STEPS, length);
  const first = length - steps;
  const rows = tokenRows(inputs.shape, steps);
  rows.fetch(inputs, first);
  rows.clear();
  let spent = 0;
  let fastest = Number.POSITIVE_INFINITY;
  const before = markProcessors();
  for (let pass = 0; pass < MOST_PASSES && (pass < LEAST_PASSES || spent < ENOUGH_S); pass++) {
    stepper.reset();
    stepper.prefill(inputs, first);
    const start = clock();
    for (const token of rows.tokens) stepper.step(token);
    const took = (clock() - start) / 1000;
    spent += took;
    fastest = Math.min(fastest, took);
  }
  const { threads_seen: threadsSeen } = processorTime(before, markProcessors());
  let [flops, bytes] = [0, 0];
  for (let position = first; position < length; position++) {
    const least = leastStep(task, position);
    flops += least.flops / steps;
    bytes += least.bytes / steps;
  }
  const timed = { seconds: fastest / steps, calls: steps, threads: task.threads };
  const fault = tooFast({ flops, bytes }, timed, thisSpeedLimit());
  return { fault: fault === null ? null : `stepped through again, ${fault}`, threadsSeen };
}
