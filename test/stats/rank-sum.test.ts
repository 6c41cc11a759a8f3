import fc from "fast-check";
import { expect, test } from "vitest";
import { rankSum, rankSums } from "../../src/stats/rank-sum.ts";

/** 1/2, 1, 3/2 …: integers of half a step, so that values tie. */
function steps(count: number, shift: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor((index + 1) / 2) + shift);
}

test("samples have the exact p-value that R and counting give, ties included", () => {
  // Permeability constants of the example of R's wilcox.test, whose one-sided p-value is 0.1272.
  const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  expect(rankSum(term, [1.15, 0.88, 0.9, 0.74, 1.21]).p).toBeCloseTo(0.2544122544122544, 12);
  // 112 of the 924 ways to choose six of these twelve lie at least as far from the middle.
  expect(rankSum([1, 2, 2, 3, 5, 5], [2, 4, 5, 5, 6, 7]).p).toBeCloseTo(112 / 924, 12);
});

test("beyond forty values the p-value is that of R's and SciPy's normal approximation", () => {
  const many = Array.from({ length: 25 }, (_, index) => index + 1);
  const { p } = rankSum(
    many,
    many.map((value) => value + 4.5),
  );
  expect(p).toBeCloseTo(0.0478057953309806, 12);
  // The exact one is 0.04716: near, and smaller.
  expect(rankSum(steps(30, 0), steps(30, 5)).p).toBeCloseTo(0.00023382730316992282, 12);
});

test("the smallest p is that of samples that lie apart, and only distance on both sides counts", () => {
  const apart = (few: number, many: number) => rankSum(steps(few, 0.25).map(Math.exp), steps(many, 1e2));
  for (const [few, many, ways] of [
    [6, 6, 924],
    [8, 8, 12_870],
    [6, 15, 54_264],
  ]) {
    expect(apart(few, many).leastP * ways).toBeCloseTo(2, 9);
    expect(apart(many, few).leastP * ways).toBeCloseTo(2, 9);
  }
  expect(rankSum([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]).p).toBeCloseTo(2 / 924, 15);
  const thousands = Array.from({ length: 3000 }, (_, index) => index);
  expect(
    rankSum(
      thousands,
      thousands.map((value) => value + 1e6),
    ).p,
  ).toBeGreaterThan(0);
});

test("equal values say nothing, and swapping the samples or bending the scale changes nothing", () => {
  expect(rankSum([3, 3, 3], [3, 3, 3, 3]).p).toBe(1);
  expect(rankSum(Array(30).fill(3), Array(30).fill(3)).p).toBe(1);
  const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 18 });
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const { p, leastP } = rankSum(a, b);
      expect(p).toBeGreaterThanOrEqual(leastP);
      expect(p).toBeLessThanOrEqual(1);
      expect(rankSum(b, a).p).toBeCloseTo(p, 12);
      expect(rankSum(a.map(Math.exp), b.map(Math.exp)).p).toBeCloseTo(p, 12);
    }),
  );
});

test("an empty sample and what is no number are refused", () => {
  expect(() => rankSum([], [1])).toThrow("got 0 and 1");
  expect(() => rankSum([1], [Number.NaN])).toThrow("got NaN");
});

test("what is computed once for many samples changes none of them", () => {
  const known = rankSums();
  const sample = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ noNaN: true })), {
    minLength: 1,
    maxLength: 25,
  });
  fc.assert(
    fc.property(sample, sample, (base, head) => {
      expect(known(base, head)).toEqual(rankSum(base, head));
    }),
  );
});
