import fc from "fast-check";
import { expect, test } from "vitest";
import { type RandomStream, randomStream } from "../../src/core/random.ts";
import type { Round } from "../../src/stats/drawn-medians.ts";
import { type GeometricMean, geometricMean } from "../../src/stats/geometric-mean.ts";
import { stratifiedMean } from "../../src/stats/stratified-mean.ts";
import { missing, simulatedRuns } from "../examples.ts";
import { coverage } from "./coverage.ts";

type Stratum = readonly [base: readonly Round[], head: readonly Round[]];

function meanOf(strata: readonly Stratum[], resamples: number, seed = 1): GeometricMean | null {
  const mean = stratifiedMean({ resamples });
  for (const [at, [base, head]] of strata.entries()) mean.add(base, head, randomStream(seed, at).uniform);
  return mean.end();
}

/** A process whose rounds are slow or fast as a whole, and its cells by themselves; head takes `ratio` as long. */
function simulated(random: RandomStream, cells: number, rounds: number, ratio: number): Stratum {
  const side = (factor: number) =>
    Array.from({ length: rounds }, () => {
      const slow = factor * Math.exp(0.02 * random.gaussian());
      return Array.from({ length: cells }, () => slow * Math.exp(0.02 * random.gaussian()));
    });
  return [side(1), side(ratio)];
}

const time = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const stratum = (cells: number): fc.Arbitrary<Stratum> => {
  const rounds = fc.array(fc.array(fc.option(time), { minLength: cells, maxLength: cells }), {
    minLength: 6,
    maxLength: 8,
  });
  return fc.tuple(rounds, rounds);
};

test("one stratum has the mean and the interval of its rounds alone", () => {
  fc.assert(
    fc.property(stratum(3), ([base, head]) => {
      const alone = geometricMean(base, head, { resamples: 1000, random: randomStream(1, 0).uniform });
      const found = meanOf([[base, head]], 1000);
      expect(found?.cells).toBe(alone?.cells);
      for (const end of ["ratio", "low", "high"] as const) {
        if (alone === null) expect(found).toBeNull();
        else expect(Math.log(found?.[end] ?? 0)).toBeCloseTo(Math.log(alone[end] ?? 0), 9);
      }
    }),
    { numRuns: 20 },
  );
});

test("the mean is over cells, however they are split into strata", () => {
  fc.assert(
    fc.property(fc.array(stratum(2), { minLength: 1, maxLength: 4 }), (strata) => {
      const each = strata.map((one) => meanOf([one], 2)).filter((one) => one !== null);
      const cells = each.reduce((sum, one) => sum + one.cells, 0);
      const log = each.reduce((sum, one) => sum + one.cells * Math.log(one.ratio), 0) / cells;
      const found = meanOf(strata, 2);
      if (found === null) expect(cells).toBe(0);
      else {
        expect(found.cells).toBe(cells);
        expect(Math.log(found.ratio)).toBeCloseTo(log, 9);
      }
    }),
  );
});

test("of many strata a hundred draws give the interval that ten thousand do, to a tenth of its width", () => {
  const random = randomStream(7);
  const strata = Array.from({ length: 60 }, () => simulated(random, 4, 10, 1.02));
  const [few, many] = [meanOf(strata, 100), meanOf(strata, 10_000, 2)];
  if (few?.low == null || few.high === null || many?.low == null || many.high === null) {
    throw new Error("ten rounds have an interval");
  }
  const width = many.high - many.low;
  expect(Math.abs(few.low - many.low)).toBeLessThan(0.1 * width);
  expect(Math.abs(few.high - many.high)).toBeLessThan(0.1 * width);
});

test.each([
  [40, 100],
  [3, 1000],
])("%d strata in %d draws: the interval of 95 % covers the ratio in 93 to 98.5 % of runs", (count, draws) => {
  const runs = simulatedRuns(600);
  const random = randomStream(60, count);
  const share = coverage(
    Math.log(1.02),
    () => {
      const found = meanOf(
        Array.from({ length: count }, () => simulated(random, 2, 8, 1.02)),
        draws,
        random.uint32(),
      );
      return found && { low: Math.log(found.low ?? 0), high: Math.log(found.high ?? 0) };
    },
    runs,
  );
  const slack = missing(0.95, runs);
  expect(share).toBeGreaterThan(0.93 - slack);
  expect(share).toBeLessThan(0.985 + slack);
});

test("a stratum of under six rounds leaves the mean without an interval, and nothing is no mean", () => {
  const random = randomStream(3);
  const strata = [simulated(random, 2, 10, 1), simulated(random, 2, 5, 1)];
  expect(meanOf(strata, 100)).toMatchObject({ cells: 4, low: null, high: null });
  expect(meanOf([], 100)).toBeNull();
  expect(meanOf([[[[null]], [[1]]]], 100)).toBeNull();
});
