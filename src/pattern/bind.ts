import type { BoundPattern, Pattern } from "../core/pattern.ts";
import type { Task } from "../core/problem.ts";
import { causal } from "./causal.ts";

/** The pattern of a task at its length, one per head; heads that do not differ share one. */
export function bindHeads(
  { pattern }: { readonly pattern: Pattern },
  task: Omit<Task, "mechanism">,
): BoundPattern[] {
  const whole = task.causal ? causal(pattern) : pattern;
  const { heads, length } = task.shape;
  const first = whole.bind({ length, head: 0 });
  return Array.from({ length: heads }, (_, head) =>
    head === 0 || !whole.perHead ? first : whole.bind({ length, head }),
  );
}
