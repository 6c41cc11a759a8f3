import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { roundSlope } from "../../src/stats/round-slope.ts";
import { coverage } from "./coverage.ts";

const x = [2048, 4096, 8192];

/** A round that doubles by 2^slope from length to length, whatever its own speed. */
function round(slope: number, speed: number): number[] {
  return x.map((length) => speed * length ** slope);
}

test("the slope is the median of the rounds' slopes, and six rounds reach nearly from end to end", () => {
  const slopes = [1.01, 1.04, 1.02, 1.06, 1.03, 1.05];
  const fit = roundSlope(
    x,
    slopes.map((slope, index) => round(slope, 1 + index)),
  );
  // By hand: the extremes cover 31/32, the next pair 25/32; a tenth of the way, weighted 5·0.1/(1 + 4·0.1) of a step.
  expect(fit?.slope).toBeCloseTo(1.035, 12);
  expect(fit?.low).toBeCloseTo(1.01 + 0.01 / 2.8, 12);
  expect(fit?.high).toBeCloseTo(1.06 - 0.01 / 2.8, 12);
});

test("how fast the machine was in a round changes nothing", () => {
  const slope = fc.double({ min: -2, max: 3, noNaN: true });
  const speed = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(slope, speed), { minLength: 6, maxLength: 20 }), (rounds) => {
      const fits = [rounds.map(([one, factor]) => round(one, factor)), rounds.map(([one]) => round(one, 1))];
      const [drifting, steady] = fits.map((times) => roundSlope(x, times));
      expect(drifting?.slope).toBeCloseTo(steady?.slope ?? Number.NaN, 8);
      expect(drifting?.low).toBeCloseTo(steady?.low ?? Number.NaN, 8);
      expect(drifting?.high).toBeCloseTo(steady?.high ?? Number.NaN, 8);
    }),
  );
});

test("fewer than six rounds or two lengths give null, and what has no logarithm is refused", () => {
  expect(roundSlope(x, Array(5).fill(round(1, 1)))).toBeNull();
  expect(roundSlope([5, 5], Array(6).fill([1, 2]))).toBeNull();
  expect(() => roundSlope(x, [[1, 2]])).toThrow("got 2 and 3");
  expect(() => roundSlope(x, [[1, 2, 0]])).toThrow("y must be positive and finite, got 0");
});

test.each([
  { tails: "light", rounds: 6, outliers: 0 },
  { tails: "light", rounds: 8, outliers: 0 },
  { tails: "light", rounds: 15, outliers: 0 },
  { tails: "heavy", rounds: 8, outliers: 0.1 },
  { tails: "heavy", rounds: 15, outliers: 0.1 },
])("with $tails tails and $rounds rounds the 95 % interval covers 93 to 97 %", ({ rounds, outliers }) => {
  const random = randomStream(22, rounds);
  const noise = () => (random.uniform() < outliers ? 0.5 : 0.03) * random.gaussian();
  const share = coverage(1.5, () =>
    roundSlope(
      x,
      Array.from({ length: rounds }, () =>
        round(1.5, Math.exp(random.gaussian())).map((t) => t * Math.exp(noise())),
      ),
    ),
  );
  expect(share).toBeGreaterThan(0.93);
  expect(share).toBeLessThan(0.97);
});
