import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { interpolatedMedianInterval } from "../../src/stats/interpolated-median-interval.ts";
import { median } from "../../src/stats/median.ts";
import { medianInterval } from "../../src/stats/median-interval.ts";
import { coverage } from "./coverage.ts";

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 60 });

test("ten values have the interval that the formula gives by hand", () => {
  // Ranks 2 and 9 cover 1 - 22/1024, ranks 3 and 8 cover 1 - 112/1024: the share is (1002/1024 - 0.95)/(90/1024).
  const share = (1002 / 1024 - 0.95) / (90 / 1024);
  const weight = (8 * share) / (2 + 6 * share);
  const interval = interpolatedMedianInterval([10, 1, 9, 2, 8, 3, 7, 4, 6, 5]);
  expect(interval?.low).toBeCloseTo(2 + weight, 12);
  expect(interval?.high).toBeCloseTo(9 - weight, 12);
});

test("it lies within the interval that is not interpolated and holds the median", () => {
  fc.assert(
    fc.property(values, (list) => {
      const wide = medianInterval(list);
      const narrow = interpolatedMedianInterval(list);
      if (wide === null || narrow === null) throw new Error("six values are enough for both");
      const room = 1e-9 * Math.max(...list.map(Math.abs));
      expect(narrow.low).toBeGreaterThanOrEqual(wide.low - room);
      expect(narrow.high).toBeLessThanOrEqual(wide.high + room);
      expect(narrow.low).toBeLessThanOrEqual(median(list) + room);
      expect(narrow.high).toBeGreaterThanOrEqual(median(list) - room);
    }),
  );
});

test("five values are too few, and what is no number is refused", () => {
  expect(interpolatedMedianInterval([1, 2, 3, 4, 5])).toBeNull();
  expect(interpolatedMedianInterval([])).toBeNull();
  expect(() => interpolatedMedianInterval([1, Number.NaN])).toThrow("got NaN");
  expect(() => interpolatedMedianInterval([1], 1)).toThrow("between 0 and 1, got 1");
});

describe("the 95 % interval covers the median in 93 to 97 % of simulated runs", () => {
  const random = randomStream(23);
  const laws = {
    normal: () => random.gaussian(),
    Laplace: () => Math.log((1 - random.uniform()) / (1 - random.uniform())),
    Cauchy: () => random.gaussian() / random.gaussian(),
  };
  const cases = Object.entries(laws).flatMap(([law, draw]) =>
    [6, 7, 8, 15, 40].map((count) => ({ law, draw, count })),
  );
  test.each(cases)("of $count values by the $law law", ({ draw, count }) => {
    const share = coverage(0, () => interpolatedMedianInterval(Array.from({ length: count }, draw)));
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.97);
  });
});
