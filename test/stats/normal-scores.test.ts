import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { normalScores, randomisedRanks } from "../../src/stats/normal-scores.ts";

test("scores are the quantiles of the standard normal distribution, symmetric about 0", () => {
  // Φ⁻¹(1/4), Φ⁻¹(1/10).
  expect(normalScores(3)[0]).toBeCloseTo(-0.6744897501960817, 14);
  expect(normalScores(9)[0]).toBeCloseTo(-1.2815515655446004, 14);
  for (const count of [0, 1, 2, 7, 100]) {
    const scores = normalScores(count);
    expect(scores).toEqual(scores.toSorted());
    expect(scores.toReversed().map((one) => -one + 0)).toEqual(scores.map((one) => one + 0));
  }
});

test("ranks order values, and ties every way equally often", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 30 }), (values) => {
      const random = randomStream(1);
      const ranks = randomisedRanks(values, (bound) => random.below(bound));
      expect([...ranks].sort((a, b) => a - b)).toEqual(values.map((_, index) => index));
      const sorted = new Array<number>(values.length);
      for (const [index, rank] of ranks.entries()) sorted[rank] = values[index];
      expect(sorted).toEqual(values.toSorted((a, b) => a - b));
    }),
  );
  const random = randomStream(2);
  const seen = new Map<string, number>();
  for (let draw = 0; draw < 6000; draw++) {
    const key = randomisedRanks([5, 5, 5, 1], (bound) => random.below(bound)).join();
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  // 1000 each: five standard deviations.
  for (const count of seen.values())
    expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(6000 * (5 / 36)));
  expect(() => randomisedRanks([1, Number.NaN], () => 0)).toThrow("NaN");
});
