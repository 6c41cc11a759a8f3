import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { logLogSlope } from "../../src/stats/log-log-slope.ts";

const lengths = [512, 1024, 2048, 4096, 8192];

test.each([
  // Forward times in ms of FlashAttention (Dao et al. 2022, arXiv 2205.14135), appendix E; fits by SciPy's linregress.
  {
    name: "PyTorch attention",
    times: [0.43, 1.27, 4.32, 16.47, 67.77],
    slope: 1.8297272755778475,
    low: 1.654749833012709,
    high: 2.0047047181429862,
  },
  {
    name: "Longformer",
    times: [0.99, 1.56, 4.79, 11.07, 32.98],
    slope: 1.294307541463502,
    low: 1.00547609312787,
    high: 1.583138989799134,
  },
])(
  "the published times of $name have the slope and interval that SciPy finds",
  ({ times, slope, low, high }) => {
    const fit = logLogSlope(lengths, times);
    expect(fit?.slope).toBeCloseTo(slope, 12);
    expect(fit?.low).toBeCloseTo(low, 10);
    expect(fit?.high).toBeCloseTo(high, 10);
    expect(fit?.confidence).toBe(0.95);
  },
);

test("a power law gives its exponent, whatever the units", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
      fc.uniqueArray(fc.integer({ min: 1, max: 1 << 20 }), { minLength: 4, maxLength: 12 }),
      (exponent, factor, x) => {
        const fit = logLogSlope(
          x,
          x.map((value) => factor * value ** exponent),
        );
        expect(fit?.slope).toBeCloseTo(exponent, 6);
        expect((fit?.high ?? 0) - (fit?.low ?? 9)).toBeLessThan(1e-4);
      },
    ),
  );
});

test("fewer than four distinct lengths give null, however many values there are", () => {
  expect(logLogSlope([], [])).toBeNull();
  expect(logLogSlope([1, 2, 3], [1, 2, 3])).toBeNull();
  expect(logLogSlope([1, 2, 3, 3, 3, 1], [1, 2, 3, 4, 5, 6])).toBeNull();
  expect(logLogSlope([1, 2, 3, 4], [1, 2, 3, 4])).not.toBeNull();
});

test("values that have no logarithm are refused, even where there are too few for a fit", () => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => logLogSlope([1, bad], [1, 1])).toThrow(`x must be positive and finite, got ${bad}`);
    expect(() => logLogSlope([1, 2], [bad, 1])).toThrow(`y must be positive and finite, got ${bad}`);
  }
  expect(() => logLogSlope([1, 2], [1])).toThrow("got 2 and 1");
});

test("the 95 % interval covers the true exponent in 93 to 97 % of simulated runs", () => {
  const random = randomStream(20);
  const runs = 4000;
  let covered = 0;
  for (let run = 0; run < runs; run++) {
    const times = lengths.map((length) => 1e-9 * length ** 1.5 * Math.exp(0.1 * random.gaussian()));
    const fit = logLogSlope(lengths, times);
    if (fit !== null && fit.low <= 1.5 && 1.5 <= fit.high) covered++;
  }
  expect(covered / runs).toBeGreaterThan(0.93);
  expect(covered / runs).toBeLessThan(0.97);
});
