import { type BoundPattern, measure } from "../core/pattern.ts";
import type { Task } from "../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../core/shape.ts";
import type { Mechanism, SoftmaxPattern } from "../core/variant.ts";
import { fullPairs, pairFlops, usefulStepWork } from "../core/work.ts";
import { lastQueries } from "../kernels/decode/last-queries.ts";
import { bindHeads } from "../pattern/bind.ts";
import { workOf } from "../pattern/work-of.ts";
import { modeOf, taskOfCase } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";

/** Less than this no honest call does. */
export interface LeastWork {
  readonly flops: number;
  /** Bytes of q, k, v, out and of state that are read or written. */
  readonly bytes: number;
}

/** The least that one call of a case does. */
export function leastWorkOf(one: Omit<CaseIdentity, "case">, mechanism: Mechanism): LeastWork {
  const task = taskOfCase(one, mechanism);
  return modeOf(one) === "decode" ? leastStep(task, one.length) : leastWork(task);
}

/** Of one step, with what must be kept before it. */
export interface LeastStep extends LeastWork {
  readonly stateBytes: number;
}

/** Ranges that are looked at to find which keys are read; where there are more, only what is written counts. */
const MOST_RANGES = 2 ** 17;

/**
 * The least that a forward pass does: the useful operations, fewer only where linear attention is cheaper key by key, as over
 * few tokens; and what is read and written at least once.
 */
export function leastWork(task: Task): LeastWork {
  const { mechanism, shape } = task;
  const { usefulFlops } = workOf(task);
  if (mechanism.kind === "featureMap") {
    const byKeys = pairFlops(shape, shape.heads * fullPairs(shape.length, task.causal));
    return { flops: Math.min(usefulFlops, byKeys), bytes: 4 * FLOAT_BYTES * elementCount(shape) };
  }
  const { batch, headDim } = shape;
  const rows = bindHeads(mechanism, task).reduce((sum, pattern) => sum + rowsTouched(pattern), 0);
  return { flops: usefulFlops, bytes: FLOAT_BYTES * headDim * batch * rows };
}

/**
 * Rows of q, k, v and out that one head touches: every output, and of rows that attend several keys the query, the keys and
 * the values. A row of one key is that key's value, whatever q and k hold.
 */
function rowsTouched(pattern: BoundPattern): number {
  const { length } = pattern;
  /** One more where a range begins, one less where it ends: of all rows, and of those with several keys. */
  const [any, several] = [new Int32Array(length + 1), new Int32Array(length + 1)];
  let queries = 0;
  let ranges = 0;
  for (let row = 0; row < length; row++) {
    const keys = pattern.intervals(row);
    ranges += 1 + keys.length / 2;
    if (ranges > MOST_RANGES) return length;
    const marked = measure(keys) > 1 ? [any, several] : [any];
    if (marked.length > 1) queries++;
    for (let at = 0; at < keys.length; at += 2) {
      for (const marks of marked) {
        marks[keys[at]]++;
        marks[keys[at + 1]]--;
      }
    }
  }
  return length + queries + covered(any) + covered(several);
}

function covered(marks: Int32Array): number {
  let depth = 0;
  let keys = 0;
  for (let key = 0; key < marks.length; key++) {
    depth += marks[key];
    if (depth > 0) keys++;
  }
  return keys;
}

/** The least that the step at a position does, and that is kept of the tokens before it. The task's length is the capacity. */
export function leastStep(task: Task, position: number): LeastStep {
  switch (task.mechanism.kind) {
    case "softmaxPattern":
      return leastSoftmaxStep(task, task.mechanism, position);
    case "featureMap":
      return leastFeatureStep(task, position);
    default:
      return task.mechanism satisfies never;
  }
}

function leastSoftmaxStep(task: Task, mechanism: SoftmaxPattern, position: number): LeastStep {
  const { batch, headDim, length } = task.shape;
  const keyBytes = 2 * FLOAT_BYTES * headDim * batch;
  const patterns = bindHeads(mechanism, task);
  const kept = new Map([...new Set(patterns)].map((pattern) => [pattern, keptAfter(pattern, position)]));
  const stateBytes = keyBytes * patterns.reduce((sum, pattern) => sum + (kept.get(pattern) ?? 0), 0);
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  // The token's own key comes with it.
  const before = patterns.reduce((sum, pattern) => sum + keysBefore(pattern, position), 0);
  const { usefulFlops } = usefulStepWork(task, patterns, position);
  return { flops: usefulFlops, bytes: keyBytes * before, stateBytes };
}

/** Keys before a position that a query at it or after it attends. */
function keptAfter(pattern: BoundPattern, position: number): number {
  const last = lastQueries(pattern);
  let kept = 0;
  for (let key = 0; key < Math.min(position, last.length); key++) if (last[key] >= position) kept++;
  return kept;
}

function keysBefore(pattern: BoundPattern, position: number): number {
  const ranges = pattern.intervals(position);
  let keys = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    keys += Math.max(0, Math.min(ranges[at + 1], position) - ranges[at]);
  }
  return keys;
}

/** Of the state, or of keys and values where those are fewer, as over few tokens. */
function leastFeatureStep(task: Task, position: number): LeastStep {
  const { batch, heads, headDim, length } = task.shape;
  const floats = Math.min(headDim * (headDim + 1), 2 * headDim * position);
  const stateBytes = FLOAT_BYTES * batch * heads * floats;
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  const byKeys = pairFlops(task.shape, heads * (position + 1));
  const { usefulFlops } = usefulStepWork(task, [], position);
  return { flops: Math.min(usefulFlops, byKeys), bytes: stateBytes, stateBytes };
}
