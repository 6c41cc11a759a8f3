import { isReduced } from "../../core/dtype.ts";
import type { Task } from "../../core/problem.ts";
import { whyNotShape } from "../../core/shape.ts";
import { isRecurrence, type Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { whyNotHalves } from "./halves.ts";
import type { Means } from "./means.ts";
import { prepareRecurrence } from "./recurrence/kernel.ts";
import { MOST_CHANNELS } from "./recurrence/plan.ts";

/** Recurrences of matrices: columns of the state side by side, tokens one after the other within a segment. */
export const recurrence: Ability<Recurrence, Means, Promise<Runnable>> = {
  is: isRecurrence,
  whyNot,
  prepare: prepareRecurrence,
};

function whyNot({ mechanism, shape, dtype }: Task<Recurrence>): string | null {
  const { headDim } = shape;
  return (
    whyNotShape(shape, ["valueDim"]) ??
    (headDim > MOST_CHANNELS ? `it takes heads up to ${MOST_CHANNELS} wide, got ${headDim}` : null) ??
    whyNotRead(mechanism) ??
    (isReduced(dtype) ? whyNotHalves(shape) : null)
  );
}

/** A token that reads the state before it is in there reads itself whole. */
function whyNotRead({ bonus, write, erase }: Recurrence): string | null {
  if (bonus === null || (write.form === "one" && erase === null)) return null;
  return "a token with a bonus must be written whole, and erase nothing";
}
