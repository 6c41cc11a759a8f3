import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { proportionInterval } from "../../src/stats/proportion-interval.ts";
import { coverage } from "./coverage.ts";

test.each([
  // R's binom.test(successes, trials, conf.level = confidence), to the digits that SciPy's "exact" gives. 682 of 925 is
  // the example of its manual page; nothing of 300 is the rule of three (Hanley & Lippman-Hand 1983): 1 - 0.05^(1/300).
  [0, 300, 0.9, 0, 1 - 0.05 ** (1 / 300)],
  [0, 300, 0.95, 0, 0.01222097469429],
  [10, 10, 0.95, 0.69150289218124, 1],
  [3, 10, 0.95, 0.06673951117773, 0.65245285006],
  [682, 925, 0.95, 0.70766826407904, 0.76540655824152],
  [1, 4500, 0.95, 5.62616372e-6, 0.00123751423129],
  [5, 20, 0.99, 0.05833393605891, 0.55976090775844],
])("%d of %d at %f lie from %f to %f", (successes, trials, confidence, low, high) => {
  const interval = proportionInterval(successes, trials, confidence);
  expect(interval.low).toBeCloseTo(low, 11);
  expect(interval.high).toBeCloseTo(high, 11);
  expect(interval.confidence).toBe(confidence);
});

test("300 runs without a false alarm prove less than 1 % of them at 95 %, and 298 do not", () => {
  expect(proportionInterval(0, 300, 0.9).high).toBeCloseTo(0.00994, 5);
  expect(proportionInterval(0, 299, 0.9).high).toBeLessThan(0.01);
  expect(proportionInterval(0, 298, 0.9).high).toBeGreaterThan(0.01);
});

test("it covers the proportion at least as often as it says, where a textbook interval does not", () => {
  const random = randomStream(31);
  for (const share of [0.004, 0.05, 0.5]) {
    const simulate = () => {
      let successes = 0;
      for (let trial = 0; trial < 100; trial++) if (random.uniform() < share) successes++;
      return proportionInterval(successes, 100);
    };
    expect(coverage(share, simulate, 2000)).toBeGreaterThan(0.94);
  }
});

test("successes that are more than the trials, and what is not whole, are refused", () => {
  for (const bad of [-1, 11, 1.5, Number.NaN]) {
    expect(() => proportionInterval(bad, 10)).toThrow(
      `successes must be a whole number up to 10, got ${bad}`,
    );
  }
  for (const bad of [0, 1.5, Number.NaN]) expect(() => proportionInterval(0, bad)).toThrow(`trials`);
  for (const bad of [0, 1, Number.NaN]) expect(() => proportionInterval(0, 10, bad)).toThrow(`confidence`);
});
