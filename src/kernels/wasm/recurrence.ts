import type { Task } from "../../core/problem.ts";
import { whyNotShape } from "../../core/shape.ts";
import { isRecurrence, type Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";
import { prepareRecurrence } from "./recurrence-kernel.ts";
import { prepareRecurrenceSteps } from "./recurrence-stepper.ts";

/** Recurrences of matrices: in chunks, and one token at a time. */
export const recurrence: Ability<Recurrence, Means> = {
  is: isRecurrence,
  whyNot: whyNotRecurrence,
  prepare: (problem, means) => prepareRecurrence(problem, problem.mechanism, means),
  decode: {
    whyNot: whyNotRecurrence,
    prepare: (task, { build }, weights) => prepareRecurrenceSteps(task, task.mechanism, build, weights),
  },
};

/** Why a recurrence is not computed, forward or back; null if it is. */
export function whyNotRecurrence({ mechanism, shape }: Task<Recurrence>): string | null {
  return whyNotShape(shape, ["valueDim"]) ?? whyTooWide(shape) ?? whyNotRead(mechanism);
}

/** A token that reads the state before it is in there reads itself whole. */
function whyNotRead({ bonus, write, erase }: Recurrence): string | null {
  if (bonus === null) return null;
  return write.form === "one" && erase === null
    ? null
    : "a token with a bonus must be written whole, and erase nothing";
}
