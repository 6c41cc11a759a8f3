import type { RowPlace } from "../core/rows.ts";
import { overTokens } from "../core/shape.ts";
import { stepWindow } from "../core/step-window.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import { type Expectation, expectation } from "./expectation.ts";

/**
 * Steps around a position. The shape is that of the capacity, at which patterns are bound; inputs hold the
 * window's tokens.
 */
export interface DecodeProblem extends JudgedProblem {
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
  const shape = overTokens(problem.inputs.shape, steps);
  const exact = windowOracle(problem.kind.oracle(problem), first);
  return expectation({ ...problem, shape }, exact, places, seed, knownRounding);
}

/**
 * Rows of the window's outputs, numbered from its first step, as the oracle of the whole sequence has them.
 */
function windowOracle(exact: Oracle, first: number): Oracle {
  const moved = (places: readonly RowPlace[]) =>
    places.map((place) => ({ ...place, row: first + place.row }));
  const rows =
    (oracle: Oracle): Oracle["rows"] =>
    (places, round) =>
      oracle.rows(moved(places), round);
  const on = exact.on?.bind(exact);
  if (on === undefined) return { rows: rows(exact) };
  return {
    rows: rows(exact),
    on(choice) {
      const chosen = on(choice);
      return { rows: rows(chosen), whyNotChoice: (places) => chosen.whyNotChoice(moved(places)) };
    },
  };
}
