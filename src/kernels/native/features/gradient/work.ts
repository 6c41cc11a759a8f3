import { FLOAT_BYTES } from "../../../../core/shape.ts";
import { CHUNK, LANES } from "../layout.ts";
import { type GradientItems, walksKeyHeads } from "./items.ts";

/**
 * Operations of a backward pass, with whole vectors counted. Sums of features and means count as one more column; of what
 * features are made of and go back through, only products with weights are counted.
 */
export function gradientFlops(call: GradientItems): number {
  const { map, shape, causal } = call;
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const { features } = map;
  const columns = whole(valueDim);
  const made = (tokens: number): number => (map.weights?.rows ?? 0) * 2 * whole(tokens) * headDim;
  // Features, and back to rows and to what was learned.
  const both = (tokens: number): number => (call.learns ? 3 : 2) * made(tokens);
  // A state takes in tokens, or gives them gradients of their features, or those of values.
  const takes = (tokens: number): number => 2 * features * (columns + 1) * tokens;
  const gives = (tokens: number): number => 2 * features * (valueDim + 1) * whole(tokens);
  const values = (tokens: number): number => 2 * features * columns * tokens;
  const means = (tokens: number): number => 3 * columns * tokens;
  const ofSlopes = (tokens: number): number => 2 * features * whole(tokens) + columns * tokens;
  if (!causal) {
    const ofQueries = inChunks(queries, (n) => both(n) + takes(n) + gives(n) + ofSlopes(n));
    const ofKeys = inChunks(length, (n) => both(n) + gives(n) + values(n));
    return batch * (heads * ofQueries + kvHeads * ofKeys);
  }
  const back = inChunks(length, (n) => {
    const states = 2 * both(n) + 2 * takes(n) + 2 * gives(n) + values(n) + means(n);
    return states + trianglesFlops(n, features, valueDim);
  });
  // The states of segments, where threads share them, before the walk.
  const before = walksKeyHeads(call) ? 0 : inChunks(length, (n) => made(n) + takes(n) + means(n));
  return batch * heads * (back + before);
}

/** Pairs of a chunk, twice from the diagonal on, and what they give to features of both and to values. */
function trianglesFlops(count: number, features: number, valueDim: number): number {
  let flops = 0;
  for (let from = 0; from < count; from += LANES) {
    const rows = Math.min(LANES, count - from);
    flops += 2 * rows * (whole(count - from) * (features + valueDim + 1) + (count - from) * whole(valueDim));
  }
  for (let from = 0; from < count; from += 2 * LANES) {
    const tokens = Math.min(2 * LANES, count - from);
    flops += 2 * features * whole(tokens) * (from + tokens + count - from);
  }
  return flops;
}

function inChunks(tokens: number, of: (count: number) => number): number {
  const rest = tokens % CHUNK;
  return Math.floor(tokens / CHUNK) * of(CHUNK) + (rest > 0 ? of(rest) : 0);
}

/**
 * Bytes of tensors that a backward pass reads and writes. A causal one reads k and v twice, for states and for gradients, and what
 * is of queries once more before, if threads share heads.
 */
export function gradientBytes(call: GradientItems): number {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = call.shape;
  const ofQuery = 2 * headDim + (call.causal ? 2 : 1) * valueDim + 1;
  const ofKey = 2 * (headDim + valueDim);
  if (!call.causal) return FLOAT_BYTES * batch * (heads * queries * ofQuery + kvHeads * length * ofKey);
  const before = walksKeyHeads(call) ? 0 : ofQuery - headDim;
  return FLOAT_BYTES * batch * heads * length * (ofQuery + ofKey + headDim + valueDim + before);
}

function whole(count: number): number {
  return Math.ceil(count / LANES) * LANES;
}
