import { guardedOutput } from "../../kernels/kernel.ts";
import { firstDifference, type Law, outputOf, problemOf } from "./law.ts";

/** A kernel keeps nothing from call to call: the same inputs give the same bits. */
export const deterministic: Law = {
  title: "the same call twice gives the same bits",
  applies: () => true,
  check(subject) {
    const { kernel } = subject;
    const problem = problemOf(subject);
    const once = outputOf(problem, kernel);
    const runnable = kernel.prepare(problem, guardedOutput(once.length));
    runnable.run();
    runnable.output().fill(Number.NaN);
    runnable.run();
    const at = firstDifference(once, runnable.output(), 0, once.length);
    const again = runnable.output()[at];
    runnable.dispose();
    return at < 0 ? null : `element ${at}: ${once[at]} the first time, ${again} the second`;
  },
};
