import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, type Shape, seeingRows, seenBytes } from "../../core/shape.ts";
import { fullPairs, pairFlops, type UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import { type Feature, type FeatureMap, featureCount, taylorChannels } from "./declare.ts";

/**
 * A key writes a state of m·(d'+1) numbers, m being the features and d' the width of v, and a query that sees
 * a key reads it: 4·m·(d+1) a token. Heads of q that share k and v share the state. Products that features are
 * made of count too, and other functions do not.
 */
export function work({ mechanism, shape, causal }: Task<FeatureMap>): UsefulWork {
  const tokens = { keys: shape.length, queries: seeingRows(shape, causal) };
  return { pairs: null, usefulFlops: usefulFlops(mechanism, shape, tokens) };
}

/** The same for one token. */
export function stepWork({ mechanism, shape }: Task<FeatureMap>): UsefulWork {
  return { pairs: null, usefulFlops: usefulFlops(mechanism, shape, { keys: 1, queries: 1 }) };
}

/** How many rows of k are taken in, and how many of q are answered, in each head. */
interface Tokens {
  readonly keys: number;
  readonly queries: number;
}

function usefulFlops({ feature }: FeatureMap, shape: Shape, tokens: Tokens): number {
  const { headDim, valueDim } = shape;
  const each = makingFlops(feature, headDim) + 2 * featureCount(feature, headDim) * (valueDim + 1);
  return each * rowsOf(shape, tokens);
}

/** Rows of q and k in all heads and batch entries. */
function rowsOf({ batch, heads, kvHeads }: Shape, { keys, queries }: Tokens): number {
  return batch * (kvHeads * keys + heads * queries);
}

/** Operations that make the features of one row. */
export function makingFlops(feature: Feature, headDim: number): number {
  switch (feature.kind) {
    case "favor":
    case "trigonometric":
      return 2 * feature.features * headDim;
    case "reweighted":
      return 2 * headDim;
    case "taylor":
      return projectingFlops(feature, headDim) + 2 * taylorChannels(feature, headDim) ** 2;
    default:
      return 0;
  }
}

function projectingFlops(feature: Feature, headDim: number): number {
  return feature.kind === "taylor" ? 2 * feature.project * headDim : 0;
}

/** What no honest call does less than, in each row: to make its features, to use them, and to weigh a pair. */
export interface LeastRow {
  readonly making: number;
  /** Features that a state has at least. */
  readonly features: number;
  /** Channels of the shortest product that is the weight of a pair. */
  readonly channels: number;
}

export function leastRow(feature: Feature, headDim: number): LeastRow {
  const features = featureCount(feature, headDim);
  switch (feature.kind) {
    case "favor":
    case "trigonometric":
      return { making: makingFlops(feature, headDim), features, channels: features };
    case "taylor": {
      // x_a x_b and x_b x_a are one feature, and the weight of a pair is a polynomial of its product.
      const channels = taylorChannels(feature, headDim);
      const packed = 1 + channels + (channels * (channels + 1)) / 2;
      return { making: projectingFlops(feature, headDim), features: packed, channels };
    }
    case "reweighted":
      return { making: 0, features, channels: headDim };
    case "rolled":
      // relu(x) or relu(-x) is 0 in each channel, and with it a product of each roll.
      return { making: 0, features: features / 2, channels: features / 2 };
    default:
      return { making: 0, features, channels: features };
  }
}

/** The useful operations, fewer only if key by key is cheaper, as over few tokens. */
export function leastWork({ mechanism, shape, causal }: Task<FeatureMap>): LeastWork {
  const tokens = { keys: shape.length, queries: seeingRows(shape, causal) };
  const pairs = shape.heads * fullPairs(shape, causal);
  return { flops: leastFlops(mechanism, shape, tokens, pairs), bytes: seenBytes(shape, causal) };
}

function leastFlops({ feature }: FeatureMap, shape: Shape, tokens: Tokens, pairs: number): number {
  const { making, features, channels } = leastRow(feature, shape.headDim);
  const rows = rowsOf(shape, tokens);
  const byState = 2 * features * (shape.valueDim + 1) * rows;
  const byKeys = pairFlops({ ...shape, headDim: channels }, pairs);
  return making * rows + Math.min(byState, byKeys);
}

/** For the state, or for keys and values if those are fewer, as over few tokens. */
export function leastStep(task: Task<FeatureMap>, position: number): LeastStep {
  const { mechanism, shape } = task;
  const { batch, heads, kvHeads, headDim, valueDim, length } = shape;
  const { features } = leastRow(mechanism.feature, headDim);
  const floats = Math.min(features * (valueDim + 1), (headDim + valueDim) * position);
  const stateBytes = FLOAT_BYTES * batch * kvHeads * floats;
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  const flops = leastFlops(mechanism, shape, { keys: 1, queries: 1 }, heads * (position + 1));
  return { flops, bytes: stateBytes, stateBytes };
}
