import { whyNotShape } from "../../core/shape.ts";
import { isRecurrence, type Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Means } from "./means.ts";
import { prepareRecurrence } from "./recurrence-kernel.ts";
import { prepareRecurrenceSteps } from "./recurrence-stepper.ts";

/** Recurrences of matrices, token by token. */
export const recurrence: Ability<Recurrence, Means> = {
  is: isRecurrence,
  whyNot: ({ shape }) => whyNotShape(shape, ["valueDim"]),
  prepare: (problem, { output }) => prepareRecurrence(problem, problem.mechanism, output),
  decode: {
    whyNot: ({ shape }) => whyNotShape(shape, ["valueDim"]),
    prepare: (task, _means, weights) => prepareRecurrenceSteps(task, task.mechanism, weights),
  },
};
