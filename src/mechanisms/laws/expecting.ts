import type { RowPlace } from "../../core/rows.ts";
import type { JudgedProblem } from "../judged.ts";
import { float64, type Oracle } from "../oracle.ts";

/**
 * An oracle that expects other rows than the definition, which a law derives from it in another way: with the slack of
 * those of the definition, and what a float32 pass errs there.
 */
export function expecting(problem: JudgedProblem, row: (place: RowPlace) => Float64Array): Oracle {
  const exact = problem.kind.oracle(problem);
  return {
    rows(places, round) {
      const precise = exact.rows(places, float64);
      const computed = round === float64 ? precise : exact.rows(places, round);
      return computed.map((one, index) => {
        const expected = row(places[index]);
        const values = one.values.map((value, i) => expected[i] + (value - precise[index].values[i]));
        return { ...one, values };
      });
    },
  };
}
