import { type Intervals, measure, type Pattern } from "../core/pattern.ts";
import type { Task } from "../core/problem.ts";
import type { StepWindow } from "../core/step-window.ts";
import { bindHeads } from "./bind.ts";
import { unite } from "./intervals.ts";

/** Keys that the steps of a window together attend, each counted once, in all heads of one batch entry. */
export function keysOfSteps(
  mechanism: { readonly pattern: Pattern },
  task: Omit<Task, "mechanism">,
  { first, steps }: StepWindow,
): number {
  let keys = 0;
  for (const bound of bindHeads(mechanism, task)) {
    let attended: Intervals = [];
    for (let query = first; query < first + steps; query++) {
      attended = unite(attended, bound.intervals(query));
    }
    keys += measure(attended);
  }
  return keys;
}
