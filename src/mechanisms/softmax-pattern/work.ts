import { type BoundPattern, measure, rowsOf } from "../../core/pattern.ts";
import type { Task } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { pairFlops, type UsefulWork } from "../../core/work.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { lastQueries } from "../../pattern/last-queries.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import type { SoftmaxPattern } from "./declare.ts";

type SoftmaxTask = Task<SoftmaxPattern>;

/** A pair costs 2·(d + d'), d' being the width of v: q·k and w·v. Exponentials, comparisons and divisions are not counted. */
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
  const { batch, headDim, valueDim } = task.shape;
  const groups = groupsOf(task).map((patterns) => rowsTouched(patterns));
  const bytes = groups.reduce(
    (sum, { queries, outputs, keys, values }) =>
      sum + headDim * (queries + keys) + valueDim * (outputs + values),
    0,
  );
  return { flops: work(task).usefulFlops, bytes: FLOAT_BYTES * batch * bytes };
}

/** The patterns of the heads of q that share a head of k and v. */
function groupsOf(task: SoftmaxTask): BoundPattern[][] {
  const { heads, kvHeads } = task.shape;
  const patterns = bindHeads(task.mechanism, task);
  const size = heads / kvHeads;
  return Array.from({ length: kvHeads }, (_, group) => patterns.slice(group * size, (group + 1) * size));
}

/**
 * Rows that heads which share k and v touch: every output, and for rows that attend several keys the query,
 * the keys and the values. A row of one key is that key's value, whatever q and k hold.
 */
function rowsTouched(
  patterns: readonly BoundPattern[],
): Record<"queries" | "outputs" | "keys" | "values", number> {
  const { length } = patterns[0];
  const queries = rowsOf(patterns[0]);
  const outputs = patterns.length * queries;
  /** One more where a range begins, one less where it ends: for all rows, and for those with several keys. */
  const [any, several] = [new Int32Array(length + 1), new Int32Array(length + 1)];
  let asking = 0;
  let ranges = 0;
  for (const pattern of patterns) {
    for (let row = 0; row < queries; row++) {
      const keys = pattern.intervals(row);
      ranges += 1 + keys.length / 2;
      if (ranges > MOST_RANGES) return { queries: 0, outputs, keys: 0, values: 0 };
      const marked = measure(keys) > 1 ? [any, several] : [any];
      if (marked.length > 1) asking++;
      for (let at = 0; at < keys.length; at += 2) {
        for (const marks of marked) {
          marks[keys[at]]++;
          marks[keys[at + 1]]--;
        }
      }
    }
  }
  return { queries: asking, outputs, keys: covered(several), values: covered(any) };
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
  const { length } = task.shape;
  const groups = groupsOf(task);
  // Heads that share k and v keep what any of them needs: at least what the one that needs most does.
  const most = (of: (pattern: BoundPattern) => number): number =>
    groups.reduce((sum, patterns) => sum + Math.max(...[...new Set(patterns)].map(of)), 0);
  const kept = new Map<BoundPattern, number>();
  const keptBy = (pattern: BoundPattern): number =>
    remembered(kept, pattern, () => keptAfter(pattern, position));
  const stateBytes = tokenBytes(task.shape) * most(keptBy);
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  // The token's own key comes with the token.
  const before = most((pattern) => keysBefore(pattern, position));
  const flops = pairFlops(task.shape, pairsOfStep(groups.flat(), position));
  return { flops, bytes: tokenBytes(task.shape) * before, stateBytes };
}

/** Bytes of one token's key and value, in one head of k and v. */
export function tokenBytes({ batch, headDim, valueDim }: Shape): number {
  return FLOAT_BYTES * (headDim + valueDim) * batch;
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
