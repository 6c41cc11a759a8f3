import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { levelShift } from "../../src/stats/level-shift.ts";
import { simulatedRuns } from "../examples.ts";

function noise(seed: number, count: number, strength: number, outliers = 0): Float64Array {
  const random = randomStream(seed, 13, count);
  return Float64Array.from({ length: count }, () => {
    return strength * random.gaussian() * (random.uniform() < outliers ? 10 : 1);
  });
}

test.each([
  ["as many values of the same noise", 40, 40, 1, 0, 0.02],
  ["few after many", 200, 12, 1, 0, 0.02],
  ["few after many, with noise three times as strong", 200, 12, 3, 0, 0.04],
  ["as many, with noise three times as strong", 90, 90, 3, 0, 0.02],
  ["as many, one in twenty ten times as scattered", 60, 60, 1, 0.05, 0.02],
])(
  "of samples with equal medians, %s (%i and %i, times %f, %f outliers), at most %f have p ≤ 0.01",
  (_, before, after, times, outliers, most) => {
    const runs = simulatedRuns(10_000);
    let small = 0;
    for (let run = 0; run < runs; run++) {
      if (levelShift(noise(2 * run, before, 1, outliers), noise(2 * run + 1, after, times, outliers)) <= 0.01)
        small++;
    }
    expect(small / runs).toBeLessThan(most + 3 * Math.sqrt(most / runs));
  },
);

test("six values five standard deviations up after many are told from noise, and an outlier among them hardly matters", () => {
  const before = noise(1, 150, 1);
  const after = noise(2, 6, 1).map((value) => value + 5);
  expect(levelShift(before, after)).toBeLessThan(1e-6);
  after[3] += 100;
  expect(levelShift(before, after)).toBeLessThan(1e-6);
  expect(levelShift(after, before)).toBeCloseTo(levelShift(before, after), 15);
});

test("equal medians have p 1, a difference without noise has p 0, and correlated values say less", () => {
  expect(levelShift(Float64Array.of(1, 2, 3), Float64Array.of(0, 2, 9))).toBe(1);
  expect(levelShift(Float64Array.of(1, 1, 1), Float64Array.of(2, 2, 2))).toBe(0);
  const [before, after] = [noise(3, 50, 1), noise(4, 50, 1).map((value) => value + 1)];
  expect(levelShift(before, after, 0.5)).toBeGreaterThan(levelShift(before, after));
});
