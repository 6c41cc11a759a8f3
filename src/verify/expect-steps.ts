import type { Problem } from "../core/problem.ts";
import { stepWindow } from "../core/step-window.ts";
import { type Reference, reference } from "../reference/reference.ts";
import { type Expectation, expectation } from "./expectation.ts";
import type { RowPlace } from "./rows.ts";

/** Steps around a position. The shape is that of the capacity, at which patterns are bound; inputs hold the window's tokens. */
export interface DecodeProblem extends Problem {
  readonly position: number;
}

/** What is expected of rows of the window, numbered from its first step. */
export function expectSteps(
  problem: DecodeProblem,
  places: readonly RowPlace[],
  seed: number,
  knownRounding: number | null = null,
): Expectation {
  const { first, steps } = stepWindow(problem.position);
  const shape = { ...problem.inputs.shape, length: steps };
  const exact = windowReference(reference(problem), first);
  return expectation({ ...problem, shape }, exact, places, seed, knownRounding);
}

/** Rows of the window's outputs, numbered from its first step, as the reference of the whole sequence has them. */
function windowReference(exact: Reference, first: number): Reference {
  return (batch, head, row, round) => exact(batch, head, first + row, round);
}
