import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { bootstrapMedian } from "../../src/stats/bootstrap-median.ts";
import { median } from "../../src/stats/median.ts";

/** The share of each median among all resamples, of which there are count^count. */
function byCounting(sample: readonly number[]): Map<number, number> {
  const shares = new Map<number, number>();
  const all = sample.length ** sample.length;
  for (let which = 0; which < all; which++) {
    const resample = sample.map((_, at) => sample[Math.floor(which / sample.length ** at) % sample.length]);
    shares.set(median(resample), (shares.get(median(resample)) ?? 0) + 1 / all);
  }
  return shares;
}

test.each([[[5]], [[1, 3]], [[3, 1, 10]], [[7, 1, 2, 30]], [[4, 1, 2, 30, 9]], [[4, 1, 2, 30, 9, 100]]])(
  "the medians of all resamples of %j have the weights that counting gives",
  (sample) => {
    const { values, weights } = bootstrapMedian(sample);
    const expected = byCounting(sample);
    const found = new Map<number, number>();
    for (const [at, value] of values.entries()) found.set(value, (found.get(value) ?? 0) + weights[at]);
    expect(new Set(found.keys())).toEqual(new Set(expected.keys()));
    for (const [value, share] of expected) expect(found.get(value)).toBeCloseTo(share, 10);
  },
);

test.each([15, 16, 1000, 1001])("of %d values the weights sum to 1 and the values ascend", (count) => {
  const random = randomStream(40, count);
  const { values, weights } = bootstrapMedian(Array.from({ length: count }, () => random.gaussian()));
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 11);
  expect(weights.every((weight) => weight > 0)).toBe(true);
  expect(values).toEqual(values.toSorted());
});

test("of many values it spreads as the theory of large samples has it", () => {
  // Evenly spaced values in [0, 1]: the median's standard deviation is that of a Beta distribution, near 1/(2√count).
  const count = 1000;
  const { values, weights } = bootstrapMedian(
    Array.from({ length: count }, (_, index) => (index + 0.5) / count),
  );
  const square = values.reduce((sum, value, at) => sum + weights[at] * (value - 0.5) ** 2, 0);
  expect(Math.sqrt(square) * 2 * Math.sqrt(count)).toBeCloseTo(1, 2);
});

test("no values and what is no number are refused", () => {
  expect(() => bootstrapMedian([])).toThrow("at least one value is needed");
  expect(() => bootstrapMedian([1, Number.NaN])).toThrow("got NaN");
});
