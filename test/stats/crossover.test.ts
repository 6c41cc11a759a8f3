import fc from "fast-check";
import { expect, test } from "vitest";
import { crossover } from "../../src/stats/crossover.ts";

function bare(...ratios: readonly (readonly [length: number, ratio: number])[]) {
  return ratios.map(([length, ratio]) => ({ length, ratio, low: null, high: null }));
}

test("a power law is met where it is 1, whatever the lengths", () => {
  const at = crossover(bare([100, 100 / 300], [1000, 1000 / 300], [5000, 5000 / 300]));
  expect(at?.length).toBeCloseTo(300, 9);
  expect(at).toMatchObject({ low: null, high: null });
});

test("the forward times of FlashAttention's appendix E cross where its figure does", () => {
  const lengths = [512, 1024, 2048, 4096, 8192];
  const full = [0.43, 1.27, 4.32, 16.47, 67.77];
  const from = (times: readonly number[]) =>
    crossover(bare(...lengths.map((length, at) => [length, full[at] / times[at]] as const)))?.length;
  expect(from([0.99, 1.56, 4.79, 11.07, 32.98])).toBeCloseTo(2362.8495, 4);
  expect(from([1.02, 1.48, 5.05, 11.59, 34.16])).toBeCloseTo(2534.758, 4);
  expect(from([0.8, 1.9, 5.76, 11.56, 23.13])).toBeCloseTo(2794.418, 4);
  expect(from([0.45, 0.5, 1.09, 2.09, 4.01])).toBeCloseTo(528.7723, 4);
  expect(from([0.63, 0.61, 0.61, 0.96, 1.69])).toBeCloseTo(649.1761, 4);
});

test("of several crossings the last counts, from which the ratio stays above", () => {
  expect(crossover(bare([1, 2], [2, 0.5], [8, 2]))?.length).toBeCloseTo(4, 12);
});

test("there is none where the ratio is above throughout, ends below, or was never measured", () => {
  expect(crossover(bare([1, 1.1], [2, 2]))).toBeNull();
  expect(crossover(bare([1, 0.5], [2, 2], [4, 0.9]))).toBeNull();
  expect(crossover(bare([1, 0.5]))).toBeNull();
  expect(crossover([])).toBeNull();
});

test("an end of the interval that lies outside the measured lengths is not known", () => {
  const points = [
    { length: 1, ratio: 0.5, low: 0.25, high: 1.5 },
    { length: 4, ratio: 2, low: 0.5, high: 4 },
    { length: 16, ratio: 8, low: 0.9, high: 16 },
  ];
  expect(crossover(points)).toMatchObject({ low: null, high: null });
  expect(crossover(points.map((point) => ({ ...point, low: point.ratio / 1.5 })))?.high).toBeGreaterThan(2);
});

test("the interval holds the crossing, in whatever order the points come", () => {
  const factor = fc.double({ min: 0.1, max: 10, noNaN: true });
  const spread = fc.double({ min: 1, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(factor, spread), { minLength: 2, maxLength: 8 }), (values) => {
      const points = values.map(([ratio, by], index) => ({
        length: 2 ** index,
        ratio,
        low: ratio / by,
        high: ratio * by,
      }));
      const found = crossover(points);
      expect(crossover(points.toReversed())).toEqual(found);
      if (found === null) return;
      expect(found.low ?? 0).toBeLessThanOrEqual(found.length);
      expect(found.high ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(found.length);
    }),
  );
});
