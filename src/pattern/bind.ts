import type { BoundPattern, Pattern } from "../core/pattern.ts";
import type { Task } from "../core/problem.ts";
import { isSelfAttention } from "../core/shape.ts";
import { aligned } from "./aligned.ts";
import { causal } from "./causal.ts";

/**
 * The pattern of a task at its length, one per head of q; heads that do not differ share one. Its rows are
 * the task's queries.
 */
export function bindHeads(
  { pattern }: { readonly pattern: Pattern },
  task: Omit<Task, "mechanism">,
): BoundPattern[] {
  const { shape } = task;
  const { heads, length } = shape;
  const own = task.causal ? causal(pattern) : pattern;
  const whole = isSelfAttention(shape) ? own : aligned(own, shape.queries);
  const distinct = whole.perHead ? Math.min(heads, whole.headPeriod ?? heads) : 1;
  const patterns = Array.from({ length: distinct }, (_, head) => whole.bind({ length, head }));
  return Array.from({ length: heads }, (_, head) => patterns[head % distinct]);
}
