import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { pairFlops, type UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import type { Selection } from "./declare.ts";
import type { RuleStep, RuleWork } from "./rule.ts";
import { truthOf } from "./rules/index.ts";

type SelectionTask = Task<Selection>;

/** What choosing takes, and attending what was chosen. */
export function work(task: SelectionTask): UsefulWork {
  return inAll(task.shape, headWork(task));
}

/** The same for the token at `position`. */
export function stepWork(task: SelectionTask, position: number): UsefulWork {
  return inAll(task.shape, stepOf(task).work(task.mechanism.rule, task.shape, position));
}

/** The products of what is attended: a rule may find it in cheaper ways, and what it reads depends on the numbers. */
export function leastWork(task: SelectionTask): LeastWork {
  const { pairs: expected, fewestPairs: pairs = expected } = headWork(task);
  const { batch, heads, queries, headDim, valueDim } = task.shape;
  // A row of a single key is its value, whatever q holds.
  const several = pairs >= 2 * queries ? headDim : 0;
  return {
    flops: heads * pairFlops(task.shape, pairs),
    bytes: FLOAT_BYTES * batch * heads * queries * (several + valueDim),
  };
}

/** The keys and values that the step attends besides its own, and those that it or a later one may. */
export function leastStep(task: SelectionTask, position: number): LeastStep {
  const { mechanism, shape } = task;
  const { length, heads, kvHeads, headDim, valueDim } = shape;
  const step = stepOf(task);
  const tokenBytes = FLOAT_BYTES * shape.batch * kvHeads * (headDim + valueDim);
  const stateBytes = tokenBytes * step.keptTokens(mechanism.rule, length, position);
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  const { pairs } = step.work(mechanism.rule, shape, position);
  return {
    flops: heads * pairFlops(shape, pairs),
    bytes: tokenBytes * Math.max(0, pairs - 1),
    stateBytes,
  };
}

function headWork({ mechanism: { rule }, shape, causal }: SelectionTask): RuleWork {
  return truthOf(rule).work(rule, { shape, causal });
}

/** How a rule decodes. Throws for one that does not: nothing asks that. */
export function stepOf({ mechanism: { rule } }: Pick<SelectionTask, "mechanism">): RuleStep<typeof rule> {
  const { step } = truthOf(rule);
  if (typeof step === "string") throw new TypeError(`rule ${rule.id}: it has no decoding`);
  return step;
}

function inAll({ batch, heads }: Shape, { pairs, selectFlops, attendFlops }: RuleWork): UsefulWork {
  const all = batch * heads;
  return {
    pairs,
    usefulFlops: all * (selectFlops + attendFlops),
    selectFlops: all * selectFlops,
  };
}
