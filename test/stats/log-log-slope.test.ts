import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RandomStream, randomStream } from "../../src/core/random.ts";
import { logLogSlope } from "../../src/stats/log-log-slope.ts";
import { median } from "../../src/stats/median.ts";
import { roundSlope } from "../../src/stats/round-slope.ts";
import { coverage } from "./coverage.ts";

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

describe("the 95 % interval covers the true exponent in 93 to 97 % of simulated runs", () => {
  // A length is off the line by its lack of fit, which no number of rounds averages away, and by the noise of its rounds.
  const regimes = [
    { name: "nothing but noise of rounds", misfit: 0, noise: 0.05 },
    { name: "as much lack of fit as noise", misfit: 0.02, noise: 0.05 },
    { name: "lack of fit above all", misfit: 0.1, noise: 0.02 },
  ];
  const many = [...lengths, 16_384, 32_768, 65_536];
  const cases = regimes.flatMap((regime) =>
    [lengths, many].flatMap((x) => [1, 9].map((rounds) => ({ ...regime, x, rounds, count: x.length }))),
  );

  test.each(cases)("with $name, $count lengths, rounds: $rounds", ({ x, misfit, noise, rounds }) => {
    const run = simulatedRuns(randomStream(20, x.length, rounds), x, misfit, noise, rounds);
    const share = coverage(1.5, () => {
      const times = run();
      return logLogSlope(
        x,
        x.map((_, at) => median(times.map((round) => round[at]))),
      );
    });
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.97);
  });

  test("which an interval that knows of rounds alone does not once the fit is off by two percent", () => {
    const run = simulatedRuns(randomStream(21), lengths, 0.02, 0.02, 9);
    expect(coverage(1.5, () => roundSlope(lengths, run()))).toBeLessThan(0.6);
  });
});

/** Times of one run after another, a list a round: a power law of 1.5, and a machine whose rounds differ by a tenth. */
function simulatedRuns(
  random: RandomStream,
  x: readonly number[],
  misfit: number,
  noise: number,
  rounds: number,
): () => number[][] {
  return () => {
    const law = x.map((length) => 1e-9 * length ** 1.5 * Math.exp(misfit * random.gaussian()));
    return Array.from({ length: rounds }, () => {
      const slow = Math.exp(0.1 * random.gaussian());
      return law.map((seconds) => seconds * slow * Math.exp(noise * random.gaussian()));
    });
  };
}
