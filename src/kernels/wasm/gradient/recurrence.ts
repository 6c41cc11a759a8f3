import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import { isRecurrence, type Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Means } from "../means.ts";
import { whyNotRecurrence } from "../recurrence.ts";
import { prepareRecurrenceGradient } from "./recurrence-kernel.ts";

/** The gradient of recurrences of matrices: in chunks, from the last. */
export const recurrenceGradient: Ability<Gradient<Recurrence>, Means> = {
  is: isGradientOf(isRecurrence),
  whyNot: (task) => whyNotRecurrence(taskWithin(task)),
  prepare: prepareRecurrenceGradient,
};
