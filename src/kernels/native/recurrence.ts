import type { Task } from "../../core/problem.ts";
import { whyNotShape } from "../../core/shape.ts";
import { isRecurrence, type Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Means } from "./means.ts";
import { prepareRecurrence } from "./recurrence/kernel.ts";
import { MOST_WIDTH } from "./recurrence/layout.ts";

/**
 * Heads up to this width lose digits where something is erased: a chunk is wider than they are, and what tokens write is
 * taken away again within it.
 */
const MOST_LOSSY = 8;

/** Recurrences of matrices, in chunks. */
export const recurrence: Ability<Recurrence, Means> = {
  is: isRecurrence,
  whyNot,
  prepare: (problem, means) => prepareRecurrence(problem, problem.mechanism, means),
};

function whyNot({ mechanism, shape }: Task<Recurrence>): string | null {
  const { bonus, write, erase } = mechanism;
  const { headDim, valueDim } = shape;
  const unlike = whyNotShape(shape, ["valueDim"]);
  if (unlike !== null) return unlike;
  if (headDim > MOST_WIDTH) return `a head must be at most ${MOST_WIDTH} wide, got ${headDim}`;
  if (valueDim > MOST_WIDTH) return `values must be at most ${MOST_WIDTH} wide, got ${valueDim}`;
  // A token that reads the state before it is in there reads itself whole.
  if (bonus !== null && (write.form !== "one" || erase !== null)) {
    return "a token with a bonus must be written whole, and erase nothing";
  }
  if (erase !== null && headDim <= MOST_LOSSY) {
    return `a head that erases must be more than ${MOST_LOSSY} wide, got ${headDim}`;
  }
  return null;
}
