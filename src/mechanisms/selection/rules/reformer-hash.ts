import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import type { Numbers } from "../../../core/tensors.ts";
import { hashSizes, type Reformer } from "../declare.ts";

/** One head that is hashed: its queries `[length, headDim]`, and `[rounds, headDim · (first + second)]` of directions. */
export interface HashedHead {
  readonly rule: Reformer;
  readonly length: number;
  readonly headDim: number;
  readonly q: Numbers;
  readonly rotations: Numbers;
}

/** One factor of a hash: directions `[headDim, count]` that begin at `at`, and what it counts for in a bucket. */
interface Factor {
  readonly at: number;
  readonly count: number;
  readonly weight: number;
}

/** The factors of one round, the first of which counts for more. */
function factorsOf({ rule, length, headDim }: HashedHead, round: number): readonly Factor[] {
  const { first, second } = hashSizes(rule, length);
  const at = round * headDim * (first + second);
  const leading = { at, count: first, weight: Math.max(1, 2 * second) };
  return second === 0 ? [leading] : [leading, { at: at + headDim * first, count: second, weight: 1 }];
}

/** The buckets of all tokens, `[rounds, length]`: `argmax [xR; -xR]`, the first of those as large. */
export function bucketsOf(head: HashedHead): Int32Array {
  const { rule, length } = head;
  const buckets = new Int32Array(rule.rounds * length);
  for (let round = 0; round < rule.rounds; round++) {
    for (const factor of factorsOf(head, round)) {
      for (let token = 0; token < length; token++) {
        const sides = sidesOf(head, factor, token);
        let best = 0;
        for (let side = 1; side < 2 * factor.count; side++) {
          if (sides.values[side] > sides.values[best]) best = side;
        }
        buckets[round * length + token] += best * factor.weight;
      }
    }
  }
  return buckets;
}

/** Products with directions that a judgement may take: some hundred milliseconds' worth. */
const MOST_PRODUCTS = 4e6;

/** Why buckets `[rounds, length]` cannot be what a float32 kernel hashes tokens to; null if they can be. */
export function whyNotBuckets(head: HashedHead, buckets: Int32Array): string | null {
  const { rule, length } = head;
  const { first, second, buckets: count } = hashSizes(rule, length);
  const outside = buckets.findIndex((bucket) => !(bucket >= 0 && bucket < count));
  if (outside >= 0) {
    return `token ${outside % length} must be in one of ${count} buckets in round ${Math.floor(outside / length)}, got ${buckets[outside]}`;
  }
  const stride = Math.max(1, Math.ceil((buckets.length * (first + second)) / MOST_PRODUCTS));
  for (let round = 0; round < rule.rounds; round++) {
    // Where not all are looked at, others are in each round.
    for (let token = round % stride; token < length; token += stride) {
      const failure = whyNotBucket(head, round, token, buckets[round * length + token]);
      if (failure !== null) return failure;
    }
  }
  return null;
}

/**
 * Why the bucket of a token cannot be the one that it is hashed to: another direction is nearer by more than float32
 * explains. Null if it can be. A token whose numbers are not finite may be in any bucket.
 */
function whyNotBucket(head: HashedHead, round: number, token: number, bucket: number): string | null {
  for (const factor of factorsOf(head, round)) {
    const { values, sizes } = sidesOf(head, factor, token);
    const own = Math.floor(bucket / factor.weight) % (2 * factor.count);
    for (let side = 0; side < values.length; side++) {
      const off = MARGIN * (sizes[side % factor.count] + sizes[own % factor.count]) + FLOAT32_LEAST;
      if (!(values[side] - values[own] > off)) continue;
      return `token ${token} cannot be in bucket ${bucket} in round ${round}: direction ${side} is nearer than ${own}, by ${(values[side] - values[own]).toPrecision(3)}; rounding explains ${off.toExponential(1)}`;
    }
  }
  return null;
}

/** Two roundings of everything that goes into a product: as budgets are, if a float32 pass errs by all its slack. */
const MARGIN = 4 * FLOAT32_EPSILON;

/** A token's products with directions and then with their opposites, and the sizes of their terms together. */
function sidesOf({ headDim, q, rotations }: HashedHead, { at, count }: Factor, token: number) {
  const values = new Float64Array(2 * count);
  const sizes = new Float64Array(count);
  for (let i = 0; i < headDim; i++) {
    const x = q[token * headDim + i];
    const row = at + i * count;
    for (let side = 0; side < count; side++) {
      const term = x * rotations[row + side];
      values[side] += term;
      sizes[side] += Math.abs(term);
    }
  }
  for (let side = 0; side < count; side++) values[count + side] = -values[side];
  return { values, sizes };
}
