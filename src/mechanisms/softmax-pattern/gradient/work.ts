import { measure, rowsOf } from "../../../core/pattern.ts";
import type { Task } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import type { UsefulWork } from "../../../core/work.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import type { LeastWork } from "../../kind.ts";
import type { SoftmaxPattern } from "../declare.ts";

/**
 * What a pair costs: `dout · v` and `p · dout` are 2·dv each, and `ds · k` and `ds · q` 2·d each; of scores that are no
 * products, what their derivatives take. Weights are given: that a kernel computes them once more is its choice.
 */
export function gradientWork(task: Task<SoftmaxPattern>): UsefulWork {
  const { mechanism, shape } = task;
  const pairs = bindHeads(mechanism, task).reduce((sum, pattern) => sum + pattern.pairs(), 0);
  const { batch, heads, kvHeads, headDim, valueDim, length, queries } = shape;
  const perPair = 4 * valueDim + scoreFlops(mechanism, headDim) + (mechanism.bias?.table ? 1 : 0);
  const turning = mechanism.turn === undefined ? 0 : 3 * headDim * (heads * queries + kvHeads * length);
  return { pairs: pairs / heads, usefulFlops: batch * (perPair * pairs + turning) };
}

/** Of `Σ_c w_c act(q_c + k_c)` the derivatives are a product a channel, and each is added to q's, k's and w's. */
function scoreFlops({ score }: SoftmaxPattern, headDim: number): number {
  const perScore = { product: 4 * headDim, tanh: 6 * headDim, leaky: 6 * headDim, split: 2 };
  return perScore[score?.kind ?? "product"];
}

/** Rows that are examined for how many keys they have; if there are more, only what is written counts. */
const MOST_ROWS = 2 ** 17;

/**
 * A row of one key under softmax has the weight 1 whatever its score is, and adds its dout to that value; every other pair
 * is four products. What is written is written once.
 */
export function leastGradientWork(task: Task<SoftmaxPattern>): LeastWork {
  const { mechanism, shape } = task;
  const { batch, headDim, valueDim } = shape;
  const bytes =
    FLOAT_BYTES * (["q", "k", "v"] as const).reduce((sum, name) => sum + elementCount(shape, name), 0);
  const patterns = bindHeads(mechanism, task);
  if (patterns.length * shape.queries > MOST_ROWS) return { flops: 0, bytes };
  let pairs = 0;
  for (const pattern of patterns) {
    for (let row = 0; row < rowsOf(pattern); row++) {
      const keys = measure(pattern.intervals(row));
      if (keys > 1) pairs += keys;
    }
  }
  // Split scores are sums over sorted keys, and other normalisers leave out keys that weigh nothing.
  const { score, normaliser } = mechanism;
  const perPair = score !== undefined || normaliser?.kind === "relu" ? 0 : 4 * (headDim + valueDim);
  return { flops: batch * perPair * pairs, bytes };
}
