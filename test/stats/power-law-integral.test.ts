import fc from "fast-check";
import { expect, test } from "vitest";
import { powerLawIntegral } from "../../src/stats/power-law-integral.ts";

test("it is exact for power laws from the first place on, at any end", () => {
  const places = fc.uniqueArray(fc.integer({ min: 1, max: 100_000_000 }), { minLength: 2, maxLength: 8 });
  const exponent = fc.double({ min: -3, max: 3, noNaN: true });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(places, exponent, share, (drawn, a, share) => {
      const at = drawn.toSorted((x, y) => x - y);
      const [first, last] = [at[0], at[at.length - 1]];
      const to = Math.min(last, first * (last / first) ** share);
      const found = powerLawIntegral(
        at.map((one) => ({ at: one, value: 3 * one ** a })),
        to,
      );
      const width = Math.log(to / first);
      const u = (a + 1) * width;
      const whole = 3 * first ** (a + 1) * (1 + width * (Math.abs(u) < 1e-12 ? 1 : Math.expm1(u) / u));
      expect(found).not.toBeNull();
      expect((found ?? 0) / whole).toBeCloseTo(1, 8);
    }),
  );
});

test("below the first place the value is taken to be what it is there", () => {
  const samples = [
    { at: 4, value: 10 },
    { at: 8, value: 20 },
  ];
  expect(powerLawIntegral(samples, 2)).toBe(20);
  expect(powerLawIntegral(samples, 4)).toBe(40);
  // 2.5·x from 4 to 8.
  expect(powerLawIntegral(samples, 8)).toBeCloseTo(40 + 60, 12);
});

test("below the first place the power law of the exponent given goes on", () => {
  const samples = [4, 8].map((at) => ({ at, value: 3 * at * at }));
  for (const to of [1, 2, 4, 8]) expect(powerLawIntegral(samples, to, 2)).toBeCloseTo(to ** 3, 10);
  expect(() => powerLawIntegral(samples, 4, Number.NaN)).toThrow(
    "the exponent below must be from 0 and finite",
  );
});

test("1/x, whose integral is a logarithm, is no special case", () => {
  const samples = [1, 10, 100].map((at) => ({ at, value: 1 / at }));
  expect(powerLawIntegral(samples, 100)).toBeCloseTo(1 + Math.log(100), 12);
});

test("nothing is known past the last place, or without one", () => {
  expect(powerLawIntegral([{ at: 4, value: 1 }], 5)).toBeNull();
  expect(powerLawIntegral([], 1)).toBeNull();
});

test("it refuses places that do not rise and values that are not positive and finite", () => {
  const one = { at: 1, value: 1 };
  for (const bad of [
    { at: 1, value: 1 },
    { at: 2, value: 0 },
    { at: 2, value: Number.NaN },
    { at: Number.POSITIVE_INFINITY, value: 1 },
  ]) {
    expect(() => powerLawIntegral([one, bad], 1)).toThrow("powerLawIntegral: places must rise");
  }
  expect(() => powerLawIntegral([one], Number.NaN)).toThrow("the end must be positive and finite, got NaN");
});
