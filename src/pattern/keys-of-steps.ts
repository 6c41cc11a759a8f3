import { type Intervals, measure, type Pattern } from "../core/pattern.ts";
import type { Task } from "../core/problem.ts";
import { kvHeadOf } from "../core/shape.ts";
import type { StepWindow } from "../core/step-window.ts";
import { bindHeads } from "./bind.ts";
import { unite } from "./intervals.ts";

/**
 * Keys that the steps of a window together attend, each counted once, in all heads of k and v of one batch
 * entry.
 */
export function keysOfSteps(
  mechanism: { readonly pattern: Pattern },
  task: Omit<Task, "mechanism">,
  { first, steps }: StepWindow,
): number {
  const patterns = bindHeads(mechanism, task);
  const attended: Intervals[] = Array.from({ length: task.shape.kvHeads }, () => []);
  for (const [head, bound] of patterns.entries()) {
    const shared = kvHeadOf(task.shape, head);
    for (let query = first; query < first + steps; query++) {
      attended[shared] = unite(attended[shared], bound.intervals(query));
    }
  }
  return attended.reduce((sum, keys) => sum + measure(keys), 0);
}
