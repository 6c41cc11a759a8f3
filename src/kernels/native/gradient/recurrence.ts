import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import { isRecurrence, type Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Means } from "../means.ts";
import { prepareRecurrenceGradient } from "../recurrence/gradient/recurrence-kernel.ts";
import { recurrence } from "../recurrence.ts";

/** The gradient of recurrences of matrices: in chunks, from the last. */
export const recurrenceGradient: Ability<Gradient<Recurrence>, Means> = {
  is: isGradientOf(isRecurrence),
  whyNot(task) {
    const within = taskWithin(task);
    const { erase, unit, write } = within.mechanism;
    if (erase !== null) return "it computes no gradient of recurrences that erase";
    if (unit !== null) return "it computes no gradient of queries and keys that are brought to length 1";
    // Of keys a hundred times as large a gradient of ssd was a tenth beyond its budget.
    if (write.form === "step")
      return "it computes no gradient of tokens that are written by the step of their decay";
    return recurrence.whyNot?.(within) ?? null;
  },
  prepare: prepareRecurrenceGradient,
};
