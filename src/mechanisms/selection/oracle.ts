import type { Choice } from "../../core/choice.ts";
import type { ExactProblem } from "../../core/problem.ts";
import type { RowPlace } from "../../core/rows.ts";
import type { ChosenOracle, Oracle, ReferenceRow, Rounding } from "../oracle.ts";
import { attendedRow } from "./attended-row.ts";
import type { Selection } from "./declare.ts";
import type { BoundRule } from "./rule.ts";
import { truthOf } from "./rules/index.ts";

/** One softmax over what is chosen: by float64, or by a kernel whose choice is judged. */
export function selectionOracle(problem: ExactProblem<Selection>): Oracle {
  const { rule } = problem.mechanism;
  const truth = truthOf(rule);
  // The numbers may be others the next time: only what is asked at once may share what is made of them.
  const bind = (): BoundRule => truth.bind(rule, problem);
  const rowsOn = (choice: Choice | null) => (places: readonly RowPlace[], round: Rounding) => {
    const bound = bind();
    return places.map((place) => rowOf(problem, bound, { place, choice, round }));
  };
  return {
    rows: rowsOn(null),
    on: (choice): ChosenOracle => ({
      rows: rowsOn(choice),
      whyNotChoice: (places) => bind().whyNot(places, choice),
    }),
  };
}

interface Asked {
  readonly place: RowPlace;
  readonly choice: Choice | null;
  readonly round: Rounding;
}

function rowOf(
  problem: ExactProblem<Selection>,
  bound: BoundRule,
  { place, choice, round }: Asked,
): ReferenceRow {
  if (bound.row !== undefined) return bound.row(place, choice, round);
  return attendedRow(problem, { place, round, keys: bound.keys(place, choice) }, bound.score?.(place, round));
}
