import { type BoundPattern, measure, rowsOf } from "../../core/pattern.ts";
import type { Task } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { UsefulWork } from "../../core/work.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { lastQueries } from "../../pattern/last-queries.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import type { SoftmaxPattern } from "./declare.ts";

type SoftmaxTask = Task<SoftmaxPattern>;

/** What the pairs cost, and what is done once for each row of q and of k. */
export function work(task: SoftmaxTask): UsefulWork {
  const { length, queries } = task.shape;
  const pairs = bindHeads(task.mechanism, task).reduce((sum, pattern) => sum + pattern.pairs(), 0);
  return workOf(task, pairs, queries, length);
}

/** The same for the token at `position`. */
export function stepWork(task: SoftmaxTask, position: number): UsefulWork {
  return workOf(task, pairsOfStep(bindHeads(task.mechanism, task), position), 1, 1);
}

function pairsOfStep(patterns: readonly BoundPattern[], position: number): number {
  return patterns.reduce((sum, pattern) => sum + measure(pattern.intervals(position)), 0);
}

function workOf(task: SoftmaxTask, pairs: number, queries: number, keys: number): UsefulWork {
  const { mechanism, shape } = task;
  const perPair = scoreFlops(mechanism, shape.headDim) + 2 * shape.valueDim;
  const usefulFlops = shape.batch * perPair * pairs + rowFlops(task, queries, keys);
  return { pairs: pairs / shape.heads, usefulFlops };
}

/**
 * Operations of one pair's score: q·k is 2·d, and `Σ_c w_c act(q_c + k_c)` 3·d, with a leaky rectifier 4·d. A
 * bias adds one. Exponentials, tanh, comparisons and divisions are not counted.
 */
function scoreFlops({ score, bias }: SoftmaxPattern, headDim: number): number {
  const perScore = { product: 2 * headDim, tanh: 3 * headDim, leaky: 4 * headDim, split: 2 };
  return perScore[score?.kind ?? "product"] + (bias === undefined ? 0 : 1);
}

/**
 * Operations of rows of q and of k by themselves, over batch and heads: turning a row is 3·d, and what a split
 * score makes of one is 2·d.
 */
function rowFlops({ mechanism, shape }: SoftmaxTask, queries: number, keys: number): number {
  const { batch, heads, kvHeads, headDim } = shape;
  const { turn, score } = mechanism;
  const turning = turn === undefined ? 0 : 3 * headDim * (heads * queries + kvHeads * keys);
  // Each head of q has a vector of its own for the keys.
  const splitting = score?.kind === "split" ? 2 * headDim * heads * (queries + keys) : 0;
  return batch * (turning + splitting);
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
  return { flops: leastFlops(task), bytes: FLOAT_BYTES * batch * bytes };
}

/**
 * The operations of the pairs: rows that no other attends need not be turned. Split scores do not even need
 * pairs: over keys that are sorted by their numbers, those on either side of a query's kink are sums made
 * before.
 */
function leastFlops(task: SoftmaxTask): number {
  const { batch, heads, queries, length, valueDim } = task.shape;
  if (task.mechanism.score?.kind === "split") return batch * heads * queries * valueDim;
  return work(task).usefulFlops - rowFlops(task, queries, length);
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
  const step = workOf(task, pairsOfStep(groups.flat(), position), 1, 1);
  const flops = step.usefulFlops - rowFlops(task, 1, 1);
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
