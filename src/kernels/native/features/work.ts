import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { walksHeads } from "./items.ts";
import { CHUNK, LANES } from "./layout.ts";
import type { PlannedMap } from "./plan-map.ts";

/** What decides how a call is computed. */
export interface FeatureCall {
  readonly map: PlannedMap;
  readonly shape: Shape;
  readonly causal: boolean;
  readonly threads: number;
}

/**
 * Operations of a call, with whole vectors counted. Sums of features and divisors count as one more column; of
 * features, only products with weights are counted.
 */
export function featureFlops({ map, shape, causal, threads }: FeatureCall): number {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const { features, weights } = map;
  const columns = whole(valueDim) + 1;
  const each = (tokens: number): number => {
    const made = (weights?.rows ?? 0) * 2 * whole(tokens) * headDim;
    return made + 2 * features * columns * tokens;
  };
  const all = (tokens: number, of: (count: number) => number): number => {
    const rest = tokens % CHUNK;
    return Math.floor(tokens / CHUNK) * of(CHUNK) + (rest > 0 ? of(rest) : 0);
  };
  if (!causal) return batch * (kvHeads * all(length, each) + heads * all(queries, each));
  // Threads that share a head sum its states before they walk it.
  const sums = (walksHeads({ shape, threads }) ? 2 : 3) * all(length, each);
  return batch * heads * (sums + all(length, (count) => triangleFlops(count, features, columns)));
}

function triangleFlops(count: number, features: number, columns: number): number {
  let flops = 0;
  for (let from = 0; from < count; from += LANES) {
    const rows = Math.min(LANES, count - from);
    flops += 2 * rows * (whole(count - from) * features + columns * (from + rows));
  }
  return flops;
}

/**
 * Bytes of q, k, v and out that a call reads and writes. A causal one reads v twice, for the triangle of a chunk and
 * for the state, and k and v once more before, if threads share heads.
 */
export function featureBytes({ shape, causal, threads }: FeatureCall): number {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const perHead = headDim + valueDim;
  if (!causal) return FLOAT_BYTES * batch * perHead * (heads * queries + kvHeads * length);
  const again = valueDim + (walksHeads({ shape, threads }) ? 0 : perHead);
  return FLOAT_BYTES * batch * heads * length * (2 * perHead + again);
}

function whole(count: number): number {
  return Math.ceil(count / LANES) * LANES;
}
