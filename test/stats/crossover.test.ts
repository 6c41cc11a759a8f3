import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { crossover, type RatioPoint } from "../../src/stats/crossover.ts";
import { roundRatio } from "../../src/stats/round-ratio.ts";
import { coverage } from "./coverage.ts";

const lengths = [512, 1024, 2048, 4096, 8192];
/** Half the width of a normal 95 % interval in standard deviations. */
const Z = 1.959963984540054;

function bare(ratios: readonly number[]): RatioPoint[] {
  return ratios.map((ratio, index) => ({ length: lengths[index], ratio, low: null, high: null }));
}

test.each([
  // Forward times of FlashAttention (Dao et al. 2022), appendix E; the crossing worked out by hand in logarithms.
  ["Longformer", [0.99, 1.56, 4.79, 11.07, 32.98], 2362.849481295022],
  ["BigBird", [1.02, 1.48, 5.05, 11.59, 34.16], 2534.757984769639],
  ["Local", [0.8, 1.9, 5.76, 11.56, 23.13], 2794.418034283747],
  ["Linformer", [0.45, 0.5, 1.09, 2.09, 4.01], 528.7723052807696],
])("the published times of %s cross those of PyTorch's attention where they cross", (_, times, expected) => {
  const full = [0.43, 1.27, 4.32, 16.47, 67.77];
  const found = crossover(bare(times.map((time, index) => full[index] / time)));
  expect(found?.length).toBeCloseTo(expected, 9);
  expect(found).toMatchObject({ low: null, high: null });
});

test("ratios that are a power law cross where the law does, within the measured lengths", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 513, max: 8191, noNaN: true }),
      fc.double({ min: 0.2, max: 2, noNaN: true }),
      (at, power) => {
        const found = crossover(bare(lengths.map((length) => (length / at) ** power)));
        expect((found?.length ?? 0) / at).toBeCloseTo(1, 9);
      },
    ),
  );
});

test("a lead that is lost again does not count, and a ratio of just 1 is no lead", () => {
  expect(crossover(bare([2, 3, 0.5, 2, 4]))?.length).toBeCloseTo(2048 * Math.SQRT2, 9);
  expect(crossover(bare([2, 3, 4, 5, 0.9]))).toBeNull();
  expect(crossover(bare([0.5, 0.6, 0.7, 0.8, 1]))).toBeNull();
  expect(crossover(bare([0.5, 1, 2, 4, 8]))?.length).toBeCloseTo(1024, 9);
});

test("there is no crossing among points that all lie on one side, nor among fewer than two", () => {
  for (const ratios of [[], [2], [0.5], [2, 3, 4], [0.1, 0.2]]) expect(crossover(bare(ratios))).toBeNull();
});

test("the order of the points is no matter, and what has no logarithm is refused", () => {
  const points = bare([0.3, 0.6, 1.2, 2.4, 4.8]);
  expect(crossover(points.toReversed())).toEqual(crossover(points));
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => crossover(bare([bad]))).toThrow(`positive and finite, got ${bad}`);
  }
});

describe("the interval", () => {
  const around = (ratio: number, index: number, spread: number): RatioPoint => ({
    length: lengths[index],
    ratio,
    low: ratio / spread,
    high: ratio * spread,
  });

  test("halfway between two equally known points is narrower than at either, by the square root of two", () => {
    const root = Math.SQRT2;
    const points = [1 / 4 / root, 1 / 2 / root, 1 / root, root, 2 * root].map((ratio, index) =>
      around(ratio, index, 1.05),
    );
    const found = crossover(points);
    expect(found?.length).toBeCloseTo(2048 * root, 9);
    const reach = Math.log2((found?.high ?? 0) / (found?.length ?? 1));
    expect(reach).toBeCloseTo(Math.log2(1.05) / root, 3);
    // Where all is symmetric, so is the interval.
    expect(Math.log2((found?.length ?? 0) / (found?.low ?? 1))).toBeCloseTo(reach, 9);
  });

  test("holds the crossing, and widens with the points' own", () => {
    const share = fc.double({ min: 1.001, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 600, max: 8000, noNaN: true }), share, share, (at, spread, more) => {
        const found = (width: number) =>
          crossover(lengths.map((length, index) => around(length / at, index, width)));
        const [narrow, wide] = [found(spread), found(spread * more)];
        expect(narrow?.low ?? 0).toBeLessThanOrEqual(narrow?.length ?? 0);
        expect(narrow?.high ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(narrow?.length ?? 0);
        expect(wide?.low ?? 0).toBeLessThanOrEqual((narrow?.low ?? 0) * (1 + 1e-9));
        expect(wide?.high ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(
          (narrow?.high ?? 0) * (1 - 1e-9),
        );
      }),
    );
  });

  test("has no end where the points do not settle on which side they lie", () => {
    const found = crossover([0.9, 1.01, 1.02, 1.03, 1.04].map((ratio, index) => around(ratio, index, 1.05)));
    expect(found?.low).not.toBeNull();
    expect(found?.high).toBeNull();
  });

  test.each([
    { at: 2400, spread: 0.02 },
    { at: 2048, spread: 0.02 },
    { at: 2896, spread: 0.1 },
    { at: 2100, spread: 0.3 },
  ])(
    "covers a crossing at $at in 93 to 97 % of runs whose logarithms are off by $spread",
    ({ at, spread }) => {
      const random = randomStream(25, at);
      const share = coverage(at, () =>
        crossover(
          lengths.map((length, index) =>
            around((length / at) * Math.exp(spread * random.gaussian()), index, Math.exp(Z * spread)),
          ),
        ),
      );
      expect(share).toBeGreaterThan(0.93);
      expect(share).toBeLessThan(0.97);
    },
  );

  test.each([6, 8, 15])(
    "covers it as often when the ratios come from %d rounds of a drifting machine",
    (rounds) => {
      const random = randomStream(26, rounds);
      const times = (drift: readonly number[], seconds: number) =>
        drift.map((slow) => seconds * slow * Math.exp(0.05 * random.gaussian()));
      const share = coverage(2400, () => {
        const drift = Array.from({ length: rounds }, () => Math.exp(0.2 * random.gaussian()));
        return crossover(
          lengths.flatMap((length) => {
            const ratio = roundRatio(times(drift, length / 2400), times(drift, 1));
            return ratio === null ? [] : [{ length, ...ratio }];
          }),
        );
      });
      expect(share).toBeGreaterThan(0.93);
      expect(share).toBeLessThan(0.97);
    },
  );
});
