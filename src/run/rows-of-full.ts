import type { CallSettings } from "../core/call-settings.ts";
import type { RowPlace } from "../core/rows.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { meanRows } from "../mechanisms/mean-rows.ts";
import { float64 } from "../mechanisms/oracle.ts";
import { fullUnder } from "../mechanisms/softmax-pattern/under-call.ts";
import { yardstickOf } from "../mechanisms/yardstick-of.ts";
import { distanceOf, type FullRows } from "../verify/fidelity.ts";

/**
 * Rows of what a problem's mathematics approximates, mostly full softmax attention, on the same inputs by the
 * same call, in float64: what fidelity is measured against, with how far the mean of v over the same keys is
 * from them. Null if it approximates nothing of the kind.
 */
export function rowsOfFull(
  problem: JudgedProblem,
  places: readonly RowPlace[],
  call: CallSettings = {},
): FullRows | null {
  const yardstick = yardstickOf(problem);
  if (yardstick === null) return null;
  const rows = yardstick
    .oracle(problem, call)
    .rows(places, float64)
    .map(({ values }) => values);
  // Whatever is approximated attends every key that the call lets it.
  const seen = fullUnder(call).pattern;
  return { rows, meanError: distanceOf(meanRows(problem, seen, places), rows) };
}
