import fc from "fast-check";
import { expect, test } from "vitest";
import { normalCdf, normalQuantile } from "../../src/stats/normal.ts";

test.each([
  // By mpmath with forty digits; R's pnorm prints 0.001349898 at -3.
  [-30, 4.906713927148187e-198],
  [-10, 7.619853024160525e-24],
  [-6, 9.86587645037698e-10],
  [-4, 3.1671241833119924e-5],
  [-3, 0.0013498980316300946],
  [-2.01, 0.022215594429431475],
  [-1.99, 0.023295467750211823],
  [-1, 0.15865525393145705],
  [-0.1, 0.460172162722971],
  [0.7, 0.758036347776927],
  [3, 0.9986501019683699],
])("at %f the distribution is %f", (z, expected) => {
  expect(normalCdf(z) / expected).toBeCloseTo(1, 13);
});

test.each([
  // By mpmath with forty digits; R's qnorm prints -1.959964 at 0.025.
  [1e-12, -7.034483825301132],
  [1e-6, -4.753424308822899],
  [1e-4, -3.7190164854556804],
  [0.005, -2.575829303548901],
  [0.025, -1.9599639845400543],
  [0.2, -0.8416212335729142],
  [0.4, -0.2533471031357998],
])("below which a share of %f lies is %f", (probability, expected) => {
  expect(normalQuantile(probability) / expected).toBeCloseTo(1, 13);
  expect(normalQuantile(1 - probability)).toBeCloseTo(-expected, 4);
});

test("the quantile is the inverse of the distribution, which is symmetric", () => {
  fc.assert(
    fc.property(fc.double({ min: -6, max: 2, noNaN: true }), (z) => {
      expect(normalQuantile(normalCdf(z))).toBeCloseTo(z, 12);
      expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 14);
    }),
  );
  expect(normalCdf(0)).toBe(0.5);
  expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
});

test("the series near 0 and the fraction of the tail meet where one takes over", () => {
  for (const z of [-2, 2]) {
    const [before, after] = [normalCdf(z * (1 - 1e-12)), normalCdf(z * (1 + 1e-12))];
    expect(before / after).toBeCloseTo(1, 10);
  }
});

test("a z that is no number and a probability outside 0 to 1 are refused", () => {
  expect(() => normalCdf(Number.NaN)).toThrow("got NaN");
  for (const bad of [0, 1, -1, Number.NaN]) expect(() => normalQuantile(bad)).toThrow(`got ${bad}`);
});
