import { normalCdf } from "./normal.ts";

/**
 * A two-sided p-value, and the smallest that samples of these sizes can have: when all of one lie below the
 * other.
 */
export interface RankSum {
  readonly p: number;
  readonly leastP: number;
}

/**
 * The rank-sum test of two independent samples (Wilcoxon 1945; Mann & Whitney 1947): how rare it is, among
 * all ways to deal the values out to the two, that one sample takes ranks at least as far from the middle.
 * Exact up to forty values, ties included; beyond that by the normal distribution with corrections for ties
 * and continuity, whose tails are the heavier ones. Never 0.
 */
export function rankSum(base: ArrayLike<number>, head: ArrayLike<number>): RankSum {
  return rankSums()(base, head);
}

/** The same of many samples: what depends on nothing but how many values there are is computed once. */
export function rankSums(): typeof rankSum {
  /** Of samples without ties: p by the sizes of the samples, and how far the sum of ranks lies from its mean. */
  const known = new Map<string, number>();
  const withoutTies = (ranks: Float64Array, count: number): number => {
    const key = `${count} ${ranks.length} ${distanceOf(ranks, count)}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const p = twoSided(ranks, count);
    known.set(key, p);
    return p;
  };
  return (base, head) => {
    if (!(base.length > 0 && head.length > 0)) {
      throw new RangeError(`rankSum: values on both sides are needed, got ${base.length} and ${head.length}`);
    }
    const [few, many] = base.length <= head.length ? [base, head] : [head, base];
    const { ranks, hasTies } = doubledRanks(few, many);
    const separate = Float64Array.from(ranks, (_, index) => 2 * (index + 1));
    const leastP = withoutTies(separate, few.length);
    const p = hasTies ? twoSided(ranks, few.length) : withoutTies(ranks, few.length);
    // Ties can make a distribution lopsided, in which only the nearer tail extends that far.
    return { p: Math.max(leastP, p), leastP };
  };
}

const EXACT_UP_TO = 40;

/**
 * Twice the rank of each value of the first sample, then of the second; equal values share their mean rank.
 */
function doubledRanks(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): { readonly ranks: Float64Array; readonly hasTies: boolean } {
  const values = Float64Array.of(...Array.from(first), ...Array.from(second));
  const sorted = values.toSorted();
  if (Number.isNaN(sorted[sorted.length - 1])) {
    throw new RangeError("rankSum: values must be numbers, got NaN");
  }
  const shared = new Map<number, number>();
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    shared.set(sorted[from], from + 1 + to);
  }
  return { ranks: values.map((value) => shared.get(value) ?? 0), hasTies: shared.size < values.length };
}

/**
 * How far the sum of the first `count` of these doubled ranks lies from its mean, count · (total + 1): half of a symmetric
 * distribution if there are no ties.
 */
function distanceOf(ranks: Float64Array, count: number): number {
  const sum = ranks.subarray(0, count).reduce((before, rank) => before + rank, 0);
  return Math.abs(sum - count * (ranks.length + 1));
}

/** The p-value if the first `count` of these doubled ranks are one sample's. */
function twoSided(ranks: Float64Array, count: number): number {
  const total = ranks.length;
  const distance = distanceOf(ranks, count);
  if (total <= EXACT_UP_TO) return exactly(ranks, count, distance);
  const squares = ranks.reduce((before, rank) => before + (rank - (total + 1)) ** 2, 0);
  const variance = (squares * count * (total - count)) / (total * (total - 1));
  if (variance === 0) return 1;
  const p = 2 * normalCdf(-Math.max(0, distance - 1) / Math.sqrt(variance));
  return Math.max(p, Number.MIN_VALUE);
}

/** The fraction of all choices of `count` ranks whose sum lies at least this far from its mean. */
function exactly(ranks: Float64Array, count: number, distance: number): number {
  const step = ranks.every((rank) => rank % 2 === 0) ? 2 : 1;
  const ascending = ranks.map((rank) => rank / step).sort();
  const largest = ascending.subarray(-count).reduce((before, rank) => before + rank, 0);
  // ways[c][s]: how many choices of c of the ranks so far have the sum s; reach[c] is the largest such sum.
  const ways = Array.from({ length: count + 1 }, () => new Float64Array(largest + 1));
  const reach = new Float64Array(count + 1);
  ways[0][0] = 1;
  for (const [seen, rank] of ascending.entries()) {
    for (let chosen = Math.min(count, seen + 1); chosen >= 1; chosen--) {
      const [from, into] = [ways[chosen - 1], ways[chosen]];
      reach[chosen] = reach[chosen - 1] + rank;
      for (let sum = rank; sum <= reach[chosen]; sum++) into[sum] += from[sum - rank];
    }
  }
  const mean = count * (ranks.length + 1);
  let all = 0;
  let far = 0;
  for (const [sum, number] of ways[count].entries()) {
    all += number;
    if (Math.abs(step * sum - mean) >= distance) far += number;
  }
  return far / all;
}
