import type { Task } from "../../core/problem.ts";
import { callBytes, countOf, FLOAT_BYTES } from "../../core/shape.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import { fullPairs, type UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import { type Aft, biasedKeys } from "./declare.ts";
import { learnedInputs } from "./learned.ts";

type AftTask = Task<Aft>;

/**
 * With a bias on every pair, two products: `e^w` with `e^k ⊙ v` and with `e^k`, 4·d a pair, and w itself, 2·rank. Without
 * any, every key is added to two sums of each channel, 4·d a key. With a window both: the pairs within it, and the
 * sums of the keys beyond.
 */
export function work(task: AftTask): UsefulWork {
  const { mechanism, shape, causal } = task;
  const { length } = shape;
  const pairs = biasedPairs(task);
  const rows = isSummed(mechanism, length) ? summedKeys(mechanism, length, causal) : 0;
  const all = mechanism.biases === null ? null : fullPairs(shape, causal);
  return { pairs: pairs === all ? pairs : null, usefulFlops: flopsOf(task, pairs, rows) };
}

/** The same for the token at `position`. */
export function stepWork(task: AftTask, position: number): UsefulWork {
  const { from, to } = biasedKeys(task.mechanism.biases, position, position + 1);
  const rows = isSummed(task.mechanism, position + 1) ? 1 : 0;
  const whole = task.mechanism.biases?.window === 0;
  return { pairs: whole ? to - from : null, usefulFlops: flopsOf(task, to - from, rows) };
}

/** Keys that are summed without a bias: causal, those that are beyond the window of some later row. */
function summedKeys({ biases }: Aft, length: number, causal: boolean): number {
  return causal ? length - (biases?.window ?? 0) : length;
}

/** Whether some keys are summed without a bias. */
function isSummed({ biases }: Aft, length: number): boolean {
  return biases === null || (biases.window > 0 && biases.window < length);
}

function flopsOf({ mechanism: { biases }, shape }: AftTask, pairs: number, rows: number): number {
  const { batch, heads, headDim } = shape;
  const perPair = 4 * headDim + 2 * (biases?.rank ?? 0);
  return batch * heads * (perPair * pairs + 4 * headDim * rows);
}

/** Pairs of one head that have a bias. */
function biasedPairs({ mechanism: { biases }, shape, causal }: AftTask): number {
  if (biases === null) return 0;
  if (biases.window === 0) return fullPairs(shape, causal);
  // Every query with itself and `window - 1` keys before it, fewer at the beginning; and as many after it.
  const before = fullPairs(shape, causal, {
    left: biases.window - 1,
    right: causal ? 0 : biases.window - 1,
    from: 0,
    to: null,
  });
  return before;
}

/** The useful operations; a single token's value is only multiplied by its gate. */
export function leastWork(task: AftTask): LeastWork {
  const { mechanism, shape } = task;
  if (shape.length === 1) return { flops: 0, bytes: (callBytes(shape) * 3) / 4 };
  const learned = Object.values(learnedInputs(mechanism)).reduce(
    (sum, spec) => sum + countOf(layoutBy(shape, spec)),
    0,
  );
  return { flops: work(task).usefulFlops, bytes: callBytes(shape) + FLOAT_BYTES * learned };
}

/**
 * Two numbers of each channel, such as a sum and the logarithm of its weights, for the tokens whose bias is the
 * same whatever comes; and k and v of the others, or what is made of each.
 */
export function leastStep(task: AftTask, position: number): LeastStep {
  const { mechanism, shape } = task;
  const { batch, heads, headDim, length } = shape;
  const { biases } = mechanism;
  const apart = biases === null ? 0 : biases.window === 0 ? position : Math.min(position, biases.window - 1);
  const summed = apart < position ? 1 : 0;
  const stateBytes = 2 * FLOAT_BYTES * batch * heads * headDim * (apart + summed);
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  return { flops: stepWork(task, position).usefulFlops, bytes: stateBytes, stateBytes };
}
