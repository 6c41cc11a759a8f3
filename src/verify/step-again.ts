import type { JudgedProblem } from "../mechanisms/judged.ts";
import { stepsOf } from "../mechanisms/work-of-case.ts";
import { type CalledAgain, looksAt } from "./call-again.ts";
import { thisSpeedLimit, tooFast } from "./speed-limit.ts";
import type { Stepped } from "./stepped.ts";
import { tokenRows } from "./token-rows.ts";

/** The last tokens of a sequence are stepped through, as the most is attended there. */
const STEPS = 32;
const ENOUGH_S = 0.002;
const LEAST_PASSES = 3;

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/**
 * Steps through the end of a sequence over and over, with nothing between the steps, as `callAgain` does with
 * calls. Of a stepper that computes elsewhere neither speed nor threads tell anything.
 */
export function stepAgain(problem: JudgedProblem, { stepper, isWaitedFor }: Stepped): CalledAgain {
  if (isWaitedFor) return { fault: null, threadsSeen: 0 };
  const { inputs, ...task } = problem;
  const { length } = inputs.shape;
  const steps = Math.min(STEPS, length);
  const first = length - steps;
  const rows = tokenRows(problem, steps);
  rows.fetch(inputs, first);
  rows.clear();
  const fastestPass = (enough: number): number => {
    let spent = 0;
    let fastest = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < LEAST_PASSES || spent < enough; pass++) {
      const start = clock();
      stepper.reset();
      stepper.prefill(inputs, first);
      const ready = clock();
      for (const token of rows.tokens) stepper.step(token);
      const end = clock();
      // Rewinding also counts towards how long it was watched: it may be most of it.
      spent += (end - start) / 1000;
      fastest = Math.min(fastest, (end - ready) / 1000);
    }
    return fastest;
  };
  let [flops, bytes] = [0, 0];
  for (let position = first; position < length; position++) {
    const least = stepsOf(task).leastWork(task, position);
    flops += least.flops / steps;
    bytes += least.bytes / steps;
  }
  return looksAt(task.threads, ENOUGH_S, (enough) => {
    const timed = { seconds: fastestPass(enough) / steps, calls: steps, threads: task.threads };
    const fault = tooFast({ flops, bytes }, timed, thisSpeedLimit());
    return fault === null ? null : `stepped through again, ${fault}`;
  });
}
