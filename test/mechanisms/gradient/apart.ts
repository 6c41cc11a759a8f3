import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { difference } from "./central-differences.ts";
import { everyRowOf } from "./gradient-problem.ts";

/**
 * How far a number of the closed form is from that of differences, if further than those may be off themselves; null if none
 * of those drawn is.
 */
export function apart(problem: JudgedProblem, draws: readonly number[]): string | null {
  const rows = Object.values(Object.groupBy(everyRowOf(problem), ({ tensor = "" }) => tensor));
  // Each tensor as often as another, however few rows it has.
  const places = draws.flatMap((draw, index) => {
    const own = rows[(draws[0] + index) % rows.length] ?? [];
    return own.slice(draw % own.length, (draw % own.length) + 1);
  });
  const exact = problem.kind.oracle(problem).rows(places, float64);
  for (const [index, place] of places.entries()) {
    const { values } = exact[index];
    const column = draws[index] % values.length;
    const { value, off } = difference(problem, place, column);
    if (Math.abs(values[column] - value) <= off) continue;
    return `${JSON.stringify(place)} column ${column}: ${values[column]}, by differences ${value}, ${off} off at most`;
  }
  return null;
}
