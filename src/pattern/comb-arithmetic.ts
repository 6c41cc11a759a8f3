import type { Comb, Intervals } from "../core/pattern.ts";

/** The keys of row `query` are `from, from + stride, …` below `to`. */
export function combRange(comb: Comb, query: number, length: number): { from: number; to: number } {
  const { from: least = 0, to: end = length } = comb;
  const stepsLeft = Math.floor(Math.min(comb.left, query - least) / comb.stride);
  return { from: query - stepsLeft * comb.stride, to: Math.min(length, end, query + comb.right + 1) };
}

/** Whether row `query` attends `key` by this comb. */
export function combAttends(comb: Comb, query: number, key: number): boolean {
  const distance = query - key;
  const { from = 0, to = Number.POSITIVE_INFINITY } = comb;
  if (!(from <= key && key < to)) return false;
  return distance % comb.stride === 0 && distance <= comb.left && -distance <= comb.right;
}

/**
 * Keys of row `query` that at least one comb attends and that lie outside `covered`. Inclusion and exclusion
 * over the sets of combs: several combs meet in the comb of their least common multiple.
 */
export function combKeysOutside(
  combs: readonly Comb[],
  covered: Intervals,
  query: number,
  length: number,
): number {
  let keys = 0;
  for (let chosen = 1; chosen < 2 ** combs.length; chosen++) {
    let common: Comb | undefined;
    let sign = -1;
    for (let index = 0; index < combs.length; index++) {
      if ((chosen & (1 << index)) === 0) continue;
      common = common === undefined ? combs[index] : meet(common, combs[index]);
      sign = -sign;
    }
    if (common !== undefined) keys += sign * countOutside(common, covered, query, length);
  }
  return keys;
}

function countOutside(comb: Comb, covered: Intervals, query: number, length: number): number {
  const { from = 0, to = length } = comb;
  const low = Math.max(from, query - comb.left);
  const high = Math.min(length, to, query + comb.right + 1);
  let keys = countCongruent(low, high, query, comb.stride);
  for (let at = 0; at < covered.length; at += 2) {
    keys -= countCongruent(Math.max(low, covered[at]), Math.min(high, covered[at + 1]), query, comb.stride);
  }
  return keys;
}

/** Integers of `[from, to)` congruent to `like` modulo `stride`. */
function countCongruent(from: number, to: number, like: number, stride: number): number {
  if (from >= to) return 0;
  const remainder = like % stride;
  return Math.floor((to - 1 - remainder) / stride) - Math.floor((from - 1 - remainder) / stride);
}

function meet(a: Comb, b: Comb): Comb {
  return {
    stride: leastCommonMultiple(a.stride, b.stride),
    left: Math.min(a.left, b.left),
    right: Math.min(a.right, b.right),
    from: Math.max(a.from ?? 0, b.from ?? 0),
    to: Math.min(a.to ?? Number.POSITIVE_INFINITY, b.to ?? Number.POSITIVE_INFINITY),
  };
}

/** The least number that both divide. */
export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
