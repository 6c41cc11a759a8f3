import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { likelyPlaces, stepLocation } from "../../src/stats/step-location.ts";
import { missing, simulatedRuns } from "../examples.ts";

function step(seed: number, count: number, at: number, height: number, outliers = 0): Float64Array {
  const random = randomStream(seed, 8);
  return Float64Array.from({ length: count }, (_, index) => {
    const noise = random.gaussian() * (random.uniform() < outliers ? 10 : 1);
    return noise + (index >= at ? height : 0);
  });
}

test("the place fits best where the levels change, and the range covers it in 95 % of sequences", () => {
  const runs = simulatedRuns(2000);
  for (const [height, outliers, least] of [
    [1.7, 0, 0.93],
    [3, 0, 0.95],
    [3, 0.05, 0.95],
  ]) {
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const values = step(run, 120, 80, height, outliers);
      const location = stepLocation(values, 78, 6);
      expect(location.fit[location.best - location.first]).toBe(0);
      const [low, high] = likelyPlaces(location.fit, 0.95);
      if (location.first + low <= 80 && 80 <= location.first + high) covered++;
    }
    expect(covered / runs).toBeGreaterThan(least - missing(least, runs));
  }
});

test("without noise a step is where it is, beyond doubt, and outliers do not move it", () => {
  const values = step(1, 40, 25, 0).map((_, index) => (index >= 25 ? 3 : 1));
  const clean = stepLocation(values, 20, 6);
  expect(clean.best).toBe(25);
  expect(likelyPlaces(clean.fit, 0.95).map((place) => place + clean.first)).toEqual([25, 25]);
  const noisy = step(2, 100, 60, 5);
  noisy[58] = 1e9;
  noisy[70] = -1e9;
  expect(stepLocation(noisy, 50, 6).best).toBe(60);
});

test("correlated neighbours widen the range, and places too near an end are refused", () => {
  const values = step(3, 100, 50, 1.5);
  const width = (correlation: number) => {
    const [low, high] = likelyPlaces(stepLocation(values, 50, 6, correlation).fit, 0.95);
    return high - low;
  };
  expect(width(0.6)).toBeGreaterThan(width(0));
  expect(() => stepLocation(values, 5, 6)).toThrow("both sides must have 6 values of 100, got a step at 5");
  expect(() => stepLocation(values, 95, 6)).toThrow("got a step at 95");
});

test("the likely places are the fewest that have the confidence, with all between them", () => {
  const fit = Float64Array.of(-9, Math.log(0.2), 0, -9, Math.log(0.3), -9);
  expect(likelyPlaces(fit, 0.5)).toEqual([2, 2]);
  expect(likelyPlaces(fit, 0.8)).toEqual([2, 4]);
  expect(likelyPlaces(fit, 0.97)).toEqual([1, 4]);
});
