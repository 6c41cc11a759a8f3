import { whyNotShape } from "../../../core/shape.ts";
import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import { isRecurrence, type Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Means } from "../means.ts";
import { prepareRecurrenceGradient } from "./recurrence-kernel.ts";

/** The gradient of recurrences of matrices, token by token from the last. */
export const recurrenceGradient: Ability<Gradient<Recurrence>, Means> = {
  is: isGradientOf(isRecurrence),
  whyNot: ({ shape }) => whyNotShape(shape, ["valueDim"]),
  prepare: (problem, { output }) => prepareRecurrenceGradient(problem, output),
};
