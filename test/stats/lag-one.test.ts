import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { lagOneCorrelation } from "../../src/stats/lag-one.ts";
import { partiallyPooled } from "../../src/stats/partial-pooling.ts";
import { whitened } from "../../src/stats/whitened.ts";
import { simulatedRuns } from "../examples.ts";

/** A stationary first-order autoregression of variance 1, with a step of `step` in its middle third. */
function autoregression(seed: number, count: number, correlation: number, step = 0): Float64Array {
  const random = randomStream(seed, 5);
  const fresh = Math.sqrt(1 - correlation ** 2);
  let value = random.gaussian();
  return Float64Array.from({ length: count }, (_, index) => {
    const now = value + (3 * index >= count && 3 * index < 2 * count ? step : 0);
    value = correlation * value + fresh * random.gaussian();
    return now;
  });
}

test.each([
  [0, 0],
  [0.3, 0],
  [0.6, 0],
  [0, 4],
  [0.3, 4],
  [0.6, 4],
])(
  "a correlation of %f is estimated without bias, a step of %f standard deviations or none",
  (correlation, step) => {
    const runs = simulatedRuns(1000);
    const found = Array.from({ length: runs }, (_, seed) => {
      const estimate = lagOneCorrelation(autoregression(seed, 300, correlation, step));
      return estimate?.value ?? Number.NaN;
    });
    const mean = found.reduce((sum, one) => sum + one, 0) / runs;
    const scatter = Math.sqrt(found.reduce((sum, one) => sum + (one - mean) ** 2, 0) / runs);
    // Two steps add 0.05; the mean itself scatters.
    expect(Math.abs(mean - correlation)).toBeLessThan(
      (step === 0 ? 0.03 : 0.08) + (3 * scatter) / Math.sqrt(runs),
    );
    const { error } = lagOneCorrelation(autoregression(0, 300, correlation)) ?? { error: Number.NaN };
    expect(scatter / error).toBeLessThan(1.4 + 3 / Math.sqrt(2 * runs));
    expect(scatter / error).toBeGreaterThan(0.8 - 3 / Math.sqrt(2 * runs));
  },
);

test("too few values, and values that do not differ, tell no correlation", () => {
  expect(lagOneCorrelation(autoregression(1, 19, 0))).toBeNull();
  expect(lagOneCorrelation(autoregression(1, 20, 0))).not.toBeNull();
  expect(lagOneCorrelation(new Float64Array(100))).toBeNull();
  expect(lagOneCorrelation(Float64Array.from({ length: 100 }, (_, index) => index % 2))?.value).toBe(-1);
});

test("whitening leaves the fresh part of each value, and a step is less high from its second value on", () => {
  const values = autoregression(3, 2000, 0.6);
  expect(Math.abs(lagOneCorrelation(whitened(values, 0.6))?.value ?? 1)).toBeLessThan(0.1);
  expect([...whitened(Float64Array.of(0, 0, 8, 8, 8), 0.25)]).toEqual([0, 8, 6, 6]);
  expect(whitened(values, 0)).toBe(values);
  expect(whitened(values, -0.5)).toBe(values);
  expect(() => whitened(values, 1)).toThrow("under 1, got 1");
});

test("estimates of what is the same are drawn together, those of what differs stay apart, and few stay as they are", () => {
  const random = randomStream(6);
  const drawn = (centres: readonly number[]) =>
    centres.map((centre) => ({ value: centre + 0.1 * random.gaussian(), error: 0.1 }));
  const same = partiallyPooled(drawn(Array(60).fill(0.3)));
  for (const { value, error } of same) {
    expect(Math.abs(value - 0.3)).toBeLessThan(0.06);
    expect(error).toBeLessThan(0.05);
    expect(error).toBeGreaterThanOrEqual(0.1 / Math.sqrt(60));
  }
  const apart = drawn([...Array(30).fill(0), ...Array(30).fill(0.8)]);
  for (const [at, { value, error }] of partiallyPooled(apart).entries()) {
    expect(Math.abs(value - apart[at].value)).toBeLessThan(0.05);
    expect(error).toBeGreaterThan(0.09);
  }
  const few = drawn([0, 0, 0, 0]);
  expect(partiallyPooled(few)).toEqual(few);
});
