import type { Task } from "../../core/problem.ts";
import { countOf, elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import { fullPairs, type UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import type { Synthesizer } from "./declare.ts";
import { learnedInputs } from "./learned.ts";

type SynthesizerTask = Task<Synthesizer>;

/** Of each pair its logit, if that is computed, and its value; of each query what the dense form makes of it. */
export function work(task: SynthesizerTask): UsefulWork {
  return workOf(task, fullPairs(task.shape, task.causal), task.shape.queries);
}

/** The same for the token at `position`. */
export function stepWork(task: SynthesizerTask, position: number): UsefulWork {
  return workOf(task, position + 1, 1);
}

function workOf({ mechanism: { logits }, shape }: SynthesizerTask, pairs: number, rows: number): UsefulWork {
  const { batch, heads, headDim, valueDim } = shape;
  const perLogit = {
    table: 0,
    factors: 2 * (logits.kind === "factors" ? logits.rank : 0),
    dense: 2 * headDim,
  };
  const perRow = logits.kind === "dense" ? 2 * headDim ** 2 : 0;
  const perHead = (perLogit[logits.kind] + 2 * valueDim) * pairs + perRow * rows;
  return { pairs, usefulFlops: batch * heads * perHead };
}

/**
 * The useful operations; v, the output, what was learned, and of q and k only what the dense form reads. A single token's
 * output is its value, whatever its logit.
 */
export function leastWork(task: SynthesizerTask): LeastWork {
  const { mechanism, shape, causal } = task;
  const { batch, heads, length, valueDim } = shape;
  const numbers = elementCount(shape, "v") + elementCount(shape, "output");
  if (length === 1) return { flops: 2 * batch * heads * valueDim, bytes: FLOAT_BYTES * numbers };
  const { logits } = mechanism;
  const read = logits.kind === "dense" ? elementCount(shape, "q") : 0;
  const learned = Object.values(learnedInputs(mechanism)).reduce(
    (sum, spec) => sum + countOf(layoutBy(shape, spec)),
    0,
  );
  // Half of a table lies after the queries of a causal call.
  const seen = logits.kind === "table" && causal ? heads * fullPairs(shape, causal) : learned;
  return { flops: work(task).usefulFlops, bytes: FLOAT_BYTES * (numbers + read + seen) };
}

/** Every value before the position is kept and read: the logits come from what was learned. */
export function leastStep(task: SynthesizerTask, position: number): LeastStep {
  const { batch, kvHeads, valueDim, length } = task.shape;
  const stateBytes = FLOAT_BYTES * batch * kvHeads * valueDim * position;
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  return { flops: stepWork(task, position).usefulFlops, bytes: stateBytes, stateBytes };
}
