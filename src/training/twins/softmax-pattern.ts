import { isSoftmaxPattern, type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindBiases } from "../../pairwise/bind-biases.ts";
import type { Normaliser } from "../../pairwise/normaliser.ts";
import { channelsOf, type Turn, turnPerToken } from "../../pairwise/turn.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { NOT_ATTENDED, softmaxSums } from "./pair-weights.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** Softmax over the pairs of a pattern: all scores are computed, and those of no pair count nothing. */
export const softmaxPatternTwin: TwinKind<SoftmaxPattern> = {
  is: isSoftmaxPattern,
  whyNot({ score, bias }) {
    if (score !== undefined) return "makes its scores of learned vectors, of which no twin is written";
    if (bias?.table !== undefined) return "adds a learned table to its scores, of which no twin is written";
    return null;
  },
  twin,
};

function twin(arrays: Arrays, task: TwinTask<SoftmaxPattern>): Twin {
  const { mechanism, shape } = task;
  const { turn, normaliser } = mechanism;
  const { heads, queries, length, headDim } = shape;
  const pairs = pairsOf(task);
  const scale = scaleOf(mechanism, headDim);
  return ({ q, k, v }) => {
    const turned = (x: Tensor, tokens: number): Tensor =>
      turn === undefined ? x : turnedRows(arrays, turn, x, tokens, length - tokens);
    const products = turned(q, queries).matmul(turned(k, length).transposed()).mul(scale);
    const ofPairs = (numbers: Float32Array): Tensor => arrays.tensor(numbers, 1, heads, queries, length);
    const ofRows = (number: (row: number) => number): Tensor =>
      arrays.tensor(Float32Array.from(pairs.counts, number), 1, heads, queries, 1);
    const scores = products.add(ofPairs(pairs.added));
    switch (normaliser?.kind) {
      case undefined: {
        const sums = softmaxSums(scores, v);
        return pairs.counts.includes(0) ? sums.mul(ofRows(isSome)) : sums;
      }
      case "sink":
        return sinkSums(scores, v, normaliser.logit);
      case "relu": {
        const weights = scores.relu().matmul(v);
        return weights.mul(ofRows((keys) => (keys === 0 ? 0 : keys ** -normaliser.alpha)));
      }
      case "sigmoid":
        // Multiplied by what is attended: the exponential in σ would overflow where a score is -10^9.
        return products
          .add(ofPairs(pairs.added.map((one) => (one === NOT_ATTENDED ? 0 : one))))
          .add(ofRows((keys) => sigmoidBias(normaliser, keys)))
          .sigmoid()
          .mul(ofPairs(pairs.added.map((one) => (one === NOT_ATTENDED ? 0 : 1))))
          .matmul(v);
      default:
        return normaliser satisfies never;
    }
  };
}

function isSome(keys: number): number {
  return keys === 0 ? 0 : 1;
}

/** Softmax with one more key, whose score is `logit` and whose value is 0. */
function sinkSums(scores: Tensor, values: Tensor, logit: number): Tensor {
  const largest = scores.max(-1).atLeast(logit).stopped();
  const weights = scores.sub(largest).exp();
  const sink = largest.mul(-1).add(logit).exp();
  return weights.matmul(values).div(weights.sum(-1).add(sink));
}

function sigmoidBias({ bias }: Extract<Normaliser, { kind: "sigmoid" }>, keys: number): number {
  return bias ?? (keys === 0 ? 0 : -Math.log(keys));
}

/** The pairs of a task, head by head: what is added to their scores, and how many keys each row attends. */
function pairsOf(task: TwinTask<SoftmaxPattern>): { added: Float32Array; counts: number[] } {
  const { mechanism, shape, causal } = task;
  const { heads, queries, length } = shape;
  const bound = bindHeads(mechanism, { shape, causal, threads: 1 });
  const biases = mechanism.bias && bindBiases(mechanism.bias, { heads, causal });
  const added = new Float32Array(heads * queries * length).fill(NOT_ATTENDED);
  const counts: number[] = [];
  for (const [head, pattern] of bound.entries()) {
    for (let row = 0; row < queries; row++) {
      const at = (head * queries + row) * length;
      let count = 0;
      for (let key = 0; key < length; key++) {
        if (!pattern.attends(row, key)) continue;
        count++;
        added[at + key] = biases?.[head].at(row + length - queries, key) ?? 0;
      }
      counts.push(count);
    }
  }
  return { added, counts };
}

/** Rows turned by their positions, of which the first is `first`. */
function turnedRows(arrays: Arrays, turn: Turn, x: Tensor, tokens: number, first: number): Tensor {
  const headDim = x.shape[x.shape.length - 1];
  const pairOf = new Int32Array(headDim);
  /** For each channel the other of its pair, and with which sign its sine counts. */
  const others = new Int32Array(headDim);
  const signs = new Int32Array(headDim);
  for (let pair = 0; pair < headDim / 2; pair++) {
    const [left, right] = channelsOf(turn, pair, headDim);
    pairOf.fill(pair, left, left + 1).fill(pair, right, right + 1);
    others.fill(right, left, left + 1).fill(left, right, right + 1);
    signs.fill(-1, left, left + 1).fill(1, right, right + 1);
  }
  const angle = (token: number, channel: number): number =>
    (first + token) * turnPerToken(turn, pairOf[channel], headDim);
  const cosines = arrays.matrix(tokens, headDim, (token, c) => Math.cos(angle(token, c)));
  const sines = arrays.matrix(tokens, headDim, (token, c) => Math.sin(angle(token, c)));
  const exchange = arrays.matrix(headDim, headDim, (from, to) => (others[to] === from ? signs[to] : 0));
  return x.mul(cosines).add(x.matmul(exchange).mul(sines));
}
