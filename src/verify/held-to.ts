import { outputCount } from "../core/outputs.ts";
import { guardedOutput } from "../kernels/kernel.ts";
import { PATIENCE_S, withinPatience } from "../kernels/within-patience.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { type Held, problemOf } from "../mechanisms/laws/law.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { wholeCall } from "./called.ts";
import type { Checked } from "./check-subjects.ts";
import { discard } from "./discard.ts";
import { expectation } from "./expectation.ts";
import { rowsToCheck } from "./gradient-rows.ts";
import { askOf, copied, type HandedChoice, handedChoice } from "./handed-choice.ts";
import { handedOut } from "./handed-out.ts";

/** What a law may ask of the kernel that is checked. */
export function heldTo(subject: Checked, patience_s = PATIENCE_S): Held {
  const { kernel, seed } = subject;
  const chosen = new WeakMap<Float32Array, HandedChoice>();
  return {
    ...subject,
    finiteOnly: kernel.finiteOnly === true,
    someRows: rowsToCheck(problemOf(subject), seed),
    async output(problem: JudgedProblem, calls = 1) {
      const output = guardedOutput(outputCount(outputsOf(problem)));
      const prepare = () => kernel.prepare(handedOut(problem), output);
      const runnable = await withinPatience("prepare", patience_s, prepare);
      try {
        const { whole } = wholeCall(runnable, runnable.inputs?.() ?? problem.inputs, patience_s);
        for (let call = 0; call < calls; call++) {
          runnable.output().fill(Number.NaN);
          const pending = whole();
          if (pending !== null) await pending;
        }
        const result = runnable.output().slice();
        chosen.set(result, copied(handedChoice(problem, askOf(runnable), runnable.output())));
        return result;
      } finally {
        discard(runnable);
      }
    },
    choiceOf(output) {
      const handed = chosen.get(output) ?? null;
      return handed !== null && "choice" in handed ? handed.choice : null;
    },
    compare(problem, oracle, places, output, choice = null) {
      const handed = choice === null ? chosen.get(output) : { choice };
      return expectation(problem, oracle, places, seed).compare(output, handed).failure;
    },
  };
}
