import type { Mechanism } from "../../core/mechanism.ts";
import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, shapeOf } from "../../core/shape.ts";
import type { ParameterizedVariant } from "../../core/variant.ts";
import type { Kinds } from "../../mechanisms/kinds.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { StudiedCell } from "../../record/schema/learning-lines.ts";
import { type Attends, reachOf } from "../../tasks/reach.ts";
import type { BoundTask, ModelSizes } from "../../tasks/task.ts";
import type { Learning } from "../../training/learner.ts";
import { withinModel } from "../../training/within-model.ts";

/** The examples of which the reach is told are drawn by it. */
const REACH_SEED = 1;

/** What a study says of a variant on a task before anything is trained. */
type Facts = Pick<StudiedCell, "unsupported" | "parameters" | "state_numbers" | "reach" | "direct_reach">;

/** The variant as it is called within a model, and what follows from that. */
export function factsOf(
  variant: ParameterizedVariant,
  { bound, model }: { readonly bound: BoundTask; readonly model: ModelSizes },
  learning: Learning,
  kinds: Kinds,
): Facts {
  const mechanism = withinModel(variant, kinds);
  const unsupported = learning.whyNot(mechanism, bound);
  if (unsupported !== null) {
    return { unsupported, parameters: null, state_numbers: null, reach: null, direct_reach: null };
  }
  const task = taskOf(mechanism, bound, model);
  const attends = attendsOf(mechanism, task, kinds);
  // Of one label for the sequence every token reaches the mean: a mask sets no bound.
  const isBounded = bound.output.kind !== "sequence";
  const { reach, directReach } = reachOf(bound, attends, model.heads, model, REACH_SEED, attends);
  return {
    unsupported: null,
    parameters: learning.parametersOf({ task: bound, model, mechanism }),
    state_numbers: stateNumbers(task, kinds),
    reach: isBounded ? reach : null,
    direct_reach: isBounded ? directReach : null,
  };
}

/** The tokens that a mechanism may read, as its pattern says. */
function attendsOf(mechanism: Mechanism, task: Task, kinds: Kinds): Attends {
  const { kind } = kinds.judged({ mechanism });
  const patterns = bindHeads({ pattern: kind.pattern(mechanism, task.causal) }, task);
  return (head, query, key) => patterns[head].attends(query, key);
}

/** One layer's call on one example. */
function taskOf(mechanism: Mechanism, { length, causal }: BoundTask, { heads, width }: ModelSizes): Task {
  return {
    mechanism,
    causal,
    threads: 1,
    shape: shapeOf({ batch: 1, heads, length, headDim: width / heads }),
  };
}

/** Numbers that a layer keeps of an example's tokens before the last; null if it is not causal, or is not decoded. */
function stateNumbers(task: Task, kinds: Kinds): number | null {
  const { kind } = kinds.judged(task);
  if (!task.causal || kind.step === undefined || (kind.whyNotDecoded?.(task.mechanism) ?? null) !== null) {
    return null;
  }
  return kind.step.leastWork(task, task.shape.length - 1).stateBytes / FLOAT_BYTES;
}
