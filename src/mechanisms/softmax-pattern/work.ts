import { type BoundPattern, measure } from "../../core/pattern.ts";
import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { pairFlops, type UsefulWork } from "../../core/work.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { lastQueries } from "../../pattern/last-queries.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import type { SoftmaxPattern } from "./declare.ts";

type SoftmaxTask = Task<SoftmaxPattern>;

/** A pair costs 4·d: q·k and w·v. Exponentials, comparisons and divisions are not counted. */
export function work(task: SoftmaxTask): UsefulWork {
  return workOfPairs(
    task,
    bindHeads(task.mechanism, task).reduce((sum, pattern) => sum + pattern.pairs(), 0),
  );
}

/** The same for the token at `position`. */
export function stepWork(task: SoftmaxTask, position: number): UsefulWork {
  return workOfPairs(task, pairsOfStep(bindHeads(task.mechanism, task), position));
}

function pairsOfStep(patterns: readonly BoundPattern[], position: number): number {
  return patterns.reduce((sum, pattern) => sum + measure(pattern.intervals(position)), 0);
}

function workOfPairs({ shape }: SoftmaxTask, pairs: number): UsefulWork {
  return { pairs: pairs / shape.heads, usefulFlops: pairFlops(shape, pairs) };
}

/**
 * Ranges that are examined to find which keys are read; if there are more, only what is written counts.
 */
const MOST_RANGES = 2 ** 17;

/** The useful operations, and what is read and written at least once. */
export function leastWork(task: SoftmaxTask): LeastWork {
  const { batch, headDim } = task.shape;
  const rows = bindHeads(task.mechanism, task).reduce((sum, pattern) => sum + rowsTouched(pattern), 0);
  return { flops: work(task).usefulFlops, bytes: FLOAT_BYTES * headDim * batch * rows };
}

/**
 * Rows of q, k, v and out that one head touches: every output, and for rows that attend several keys the
 * query, the keys and the values. A row of one key is that key's value, whatever q and k hold.
 */
function rowsTouched(pattern: BoundPattern): number {
  const { length } = pattern;
  /** One more where a range begins, one less where it ends: for all rows, and for those with several keys. */
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

/** The keys and values that the step reads, and those that this or a later step reads. */
export function leastStep(task: SoftmaxTask, position: number): LeastStep {
  const { batch, headDim, length } = task.shape;
  const keyBytes = 2 * FLOAT_BYTES * headDim * batch;
  const patterns = bindHeads(task.mechanism, task);
  const kept = new Map([...new Set(patterns)].map((pattern) => [pattern, keptAfter(pattern, position)]));
  const stateBytes = keyBytes * patterns.reduce((sum, pattern) => sum + (kept.get(pattern) ?? 0), 0);
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  // The token's own key comes with the token.
  const before = patterns.reduce((sum, pattern) => sum + keysBefore(pattern, position), 0);
  const flops = pairFlops(task.shape, pairsOfStep(patterns, position));
  return { flops, bytes: keyBytes * before, stateBytes };
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
