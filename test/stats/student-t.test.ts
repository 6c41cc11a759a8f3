import fc from "fast-check";
import { expect, test } from "vitest";
import { studentT, studentTBeyond, studentTQuantile } from "../../src/stats/student-t.ts";

test.each([
  // P(|T| ≤ t) = 0.95, from the incomplete beta function with thirty digits of precision.
  [1, 12.706204736174705],
  [2, 4.302652729749464],
  [3, 3.1824463052837095],
  [5, 2.5705818356363155],
  [10, 2.228138851986275],
  [30, 2.042272456301238],
  [100, 1.9839715185235522],
])("the 95 %% factor with %d degrees of freedom is %f", (freedom, expected) => {
  expect(studentT(0.95, freedom) / expected).toBeCloseTo(1, 13);
});

test.each([
  // Published to three or four decimals in every table of the distribution.
  [0.99, 4, 4.604],
  [0.9, 7, 1.895],
  [0.5, 3, 0.765],
  [0.999, 20, 3.85],
])("the %f factor with %d degrees of freedom is %f as tables have it", (confidence, freedom, expected) => {
  expect(studentT(confidence, freedom)).toBeCloseTo(expected, 3);
});

test("with one and two degrees of freedom it equals the closed forms", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (confidence) => {
      const one = Math.tan((Math.PI / 2) * confidence);
      const two = confidence * Math.sqrt(2 / (1 - confidence ** 2));
      expect(studentT(confidence, 1) / one).toBeCloseTo(1, 10);
      expect(studentT(confidence, 2) / two).toBeCloseTo(1, 10);
    }),
  );
});

test("it falls as the degrees of freedom rise, towards the normal distribution's 1.96", () => {
  const factors = Array.from({ length: 200 }, (_, index) => studentT(0.95, index + 1));
  expect(factors).toEqual([...factors].sort((a, b) => b - a));
  expect(studentT(0.95, 100_000)).toBeCloseTo(1.959964, 4);
});

test("it refuses confidences outside 0 to 1 and degrees of freedom that are not whole", () => {
  for (const bad of [0, 1, -1, Number.NaN]) expect(() => studentT(bad, 3)).toThrow(/confidence.*got/);
  for (const bad of [0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => studentT(0.95, bad)).toThrow(/degrees of freedom.*got/);
  }
});

test.each([
  // By mpmath's incomplete beta function with forty digits; R's qt prints 2.602480 and 3.732834 for the first two.
  [0.01, 15, 2.6024802950111234],
  [0.001, 15, 3.7328344253109003],
  [0.0001, 15, 4.879998288424447],
  [1e-6, 15, 7.464384940096371],
  [1e-6, 1, 318309.8861827435],
  [1e-6, 2, 707.1057205259337],
  [1e-6, 5, 24.771029720515944],
  [1e-6, 31, 5.828601803899664],
  [1e-6, 255, 4.865637492996957],
  [0.001, 1000, 3.098402163912923],
  [0.05, 5, 2.0150483733330242],
  [0.2, 7, 0.896029644313765],
  [0.011, 15, 2.554517859065434],
  [0.009, 15, 2.6552913000704788],
])("beyond which a share of %f lies with %d degrees of freedom is %f", (tail, freedom, expected) => {
  expect(studentTQuantile(tail, freedom) / expected).toBeCloseTo(1, 12);
});

test("the quantile falls as the tail grows, down to 0 at a half", () => {
  const tails = [1e-12, 1e-9, 1e-6, 1e-3, 0.00999, 0.01001, 0.1, 0.3, 0.49, 0.5];
  for (const freedom of [1, 2, 5, 6, 15, 256]) {
    const found = tails.map((tail) => studentTQuantile(tail, freedom));
    expect(found).toEqual(found.toSorted((a, b) => b - a));
    expect(new Set(found).size).toBe(tails.length);
    expect(found.at(-1)).toBe(0);
  }
});

test("the quantile refuses tails outside 0 to a half and degrees of freedom that are not whole", () => {
  for (const bad of [0, 0.6, -1, Number.NaN]) {
    expect(() => studentTQuantile(bad, 3)).toThrow(`studentTQuantile: tail must lie`);
  }
  for (const bad of [0, 1.5, Number.NaN]) expect(() => studentTQuantile(0.05, bad)).toThrow(`got ${bad}`);
});

test.each([
  // By mpmath's incomplete beta function with thirty digits.
  [0.5, 3, 0.651447964848151],
  [1.9, 7, 0.0992060194673635],
  [2.5, 15, 0.0245058032465138],
  [5, 5, 0.00410471598005332],
  [20, 30, 6.74908366577129e-19],
])("beyond ±%f with %d degrees of freedom lies %f", (t, freedom, expected) => {
  expect(studentTBeyond(t, freedom) / expected).toBeCloseTo(1, 12);
});

test("what lies beyond the quantile is its tail twice, however small, and nothing lies beyond infinity", () => {
  for (const freedom of [1, 2, 5, 15, 60]) {
    for (const tail of [1e-9, 1e-4, 0.01, 0.2, 0.45]) {
      expect(studentTBeyond(studentTQuantile(tail, freedom), freedom) / tail).toBeCloseTo(2, 11);
    }
    expect(studentTBeyond(0, freedom)).toBeCloseTo(1, 14);
    expect(studentTBeyond(Number.POSITIVE_INFINITY, freedom)).toBe(0);
  }
  for (const bad of [-1, Number.NaN]) expect(() => studentTBeyond(bad, 3)).toThrow(`got ${bad}`);
  for (const bad of [0, 1.5, Number.NaN]) expect(() => studentTBeyond(1, bad)).toThrow(`got ${bad}`);
});
