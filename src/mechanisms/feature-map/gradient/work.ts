import type { Task } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, QKV, seeingRows } from "../../../core/shape.ts";
import { fullPairs, pairFlops, type UsefulWork } from "../../../core/work.ts";
import type { LeastWork } from "../../kind.ts";
import { type FeatureMap, featureCount, learnedOf } from "../declare.ts";
import { leastRow, makingFlops } from "../work.ts";

/**
 * A query reads the state of m·(d'+1) numbers for its gradient and writes as many into the gradient of the state, which a key
 * reads for its own gradient, and once more for that of its value. What features are made of by products goes back through
 * as many, and once more to what was learned if that has a gradient.
 */
export function gradientWork({ mechanism, shape, causal }: Task<FeatureMap>): UsefulWork {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const { feature } = mechanism;
  const features = featureCount(feature, headDim);
  const [queries, keys] = [heads * seeingRows(shape, causal), kvHeads * length];
  const learned = feature.kind === "taylor" ? 2 * (learnedOf(feature)?.rows ?? 0) * headDim : 0;
  const back = makingFlops(feature, headDim) + learned;
  const ofQueries = queries * (4 * features * (valueDim + 1) + back);
  const ofKeys = keys * (2 * features * (2 * valueDim + 1) + back);
  return { pairs: null, usefulFlops: batch * (ofQueries + ofKeys) };
}

/** By states or pair by pair, whichever is less: twice the products of a forward pass. Every gradient is written. */
export function leastGradientWork({ mechanism, shape, causal }: Task<FeatureMap>): LeastWork {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const { making, features, channels } = leastRow(mechanism.feature, headDim);
  const rows = batch * (kvHeads * length + heads * seeingRows(shape, causal));
  const byState = 4 * features * valueDim * rows;
  const byPairs = 2 * pairFlops({ ...shape, headDim: channels }, heads * fullPairs(shape, causal));
  const bytes = FLOAT_BYTES * QKV.reduce((sum, name) => sum + elementCount(shape, name), 0);
  return { flops: making * rows + Math.min(byState, byPairs), bytes };
}
