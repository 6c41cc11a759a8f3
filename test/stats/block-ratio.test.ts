import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, blockRatio, LEAST_BLOCKS } from "../../src/stats/block-ratio.ts";
import { roundRatio } from "../../src/stats/round-ratio.ts";

const seconds = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
const block = fc
  .tuple(seconds, fc.double({ min: 0, max: 0.3, noNaN: true }))
  .map(([median_s, half]) => ({ median_s, low_s: median_s * (1 - half), high_s: median_s * (1 + half) }));
const pairs = (most: number) => fc.array(fc.tuple(block, block), { minLength: 1, maxLength: most });
const blocks = (all: readonly Omit<Block, "block">[]): Block[] =>
  all.map((one, at) => ({ ...one, block: 10 * at }));

test("what slows all of a block alike cancels, however much it differs from block to block", () => {
  fc.assert(
    fc.property(
      pairs(12),
      fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 12 }),
      (all, pace) => {
        const [above, below] = [blocks(all.map(([one]) => one)), blocks(all.map(([, other]) => other))];
        const slowed = (own: readonly Block[]) =>
          own.map((one, at) => ({
            ...one,
            median_s: one.median_s * pace[at],
            low_s: (one.low_s ?? 0) * pace[at],
            high_s: (one.high_s ?? 0) * pace[at],
          }));
        const [plain, paced] = [blockRatio(above, below), blockRatio(slowed(above), slowed(below))];
        for (const end of ["ratio", "low", "high"] as const) {
          const [a, b] = [plain?.[end] ?? 0, paced?.[end] ?? 0];
          expect(Math.abs(Math.log(b / a))).toBeLessThan(1e-9);
        }
      },
    ),
  );
});

test("the ratio lies within its interval, and that of the inverse is the inverse", () => {
  fc.assert(
    fc.property(pairs(12), (all) => {
      const [above, below] = [blocks(all.map(([one]) => one)), blocks(all.map(([, other]) => other))];
      const there = blockRatio(above, below);
      const back = blockRatio(below, above);
      expect((there?.ratio ?? 0) * (back?.ratio ?? 0)).toBeCloseTo(1, 9);
      expect(there?.low ?? Number.NaN).toBeLessThanOrEqual((there?.ratio ?? 0) * (1 + 1e-9));
      expect(there?.high ?? Number.NaN).toBeGreaterThanOrEqual((there?.ratio ?? 0) * (1 - 1e-9));
    }),
  );
});

test("one block gives the quotient of its medians, and of its ends crosswise", () => {
  const above = [{ block: 3, median_s: 8, low_s: 6, high_s: 10 }];
  const below = [{ block: 3, median_s: 2, low_s: 1, high_s: 4 }];
  expect(blockRatio(above, below)).toEqual({ ratio: 4, low: 1.5, high: 10 });
});

test("a block that only one of the two has says nothing", () => {
  const at = (place: number, median_s: number) => ({ block: place, median_s, low_s: null, high_s: null });
  expect(blockRatio([at(0, 8), at(1, 100)], [at(0, 2), at(2, 1)])).toEqual({
    ratio: 4,
    low: null,
    high: null,
  });
  expect(blockRatio([at(1, 8)], [at(2, 2)])).toBeNull();
});

test("with six blocks median and interval are over blocks, whatever varied within them", () => {
  const noisy = (median_s: number, block: number) => ({
    block,
    median_s,
    low_s: median_s / 9,
    high_s: median_s * 9,
  });
  const [above, below] = [
    [1, 2, 3, 4, 5, 6],
    [1, 1, 1, 1, 1, 1],
  ];
  expect(above).toHaveLength(LEAST_BLOCKS);
  expect(blockRatio(above.map(noisy), below.map(noisy))).toEqual(roundRatio(above, below));
});
