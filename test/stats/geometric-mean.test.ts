import fc from "fast-check";
import { expect, test } from "vitest";
import { type RandomStream, randomStream } from "../../src/core/random.ts";
import type { Round } from "../../src/stats/drawn-medians.ts";
import { geometricMean } from "../../src/stats/geometric-mean.ts";
import { median } from "../../src/stats/median.ts";
import { missing, simulatedRuns } from "../examples.ts";
import { coverage } from "./coverage.ts";

const few = { resamples: 400 };

/** Rounds of a machine that slows each of them by its own factor, and each cell of it by another. */
function simulated(
  random: RandomStream,
  noise: { readonly shared: number; readonly own: number },
  rounds: number,
  medians: readonly number[],
): number[][] {
  return Array.from({ length: rounds }, () => {
    const slow = Math.exp(noise.shared * random.gaussian());
    return medians.map((time) => time * slow * Math.exp(noise.own * random.gaussian()));
  });
}

test("a cell that takes twice as long and one that takes half cancel, and four cells have the mean by hand", () => {
  const { uniform: random } = randomStream(50);
  expect(geometricMean([[1, 8]], [[2, 4]], { random })).toEqual({
    ratio: 1,
    low: null,
    high: null,
    cells: 2,
  });
  const base = [
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ];
  const head = [
    [1, 2, 3, 8],
    [3, 2, 3, 8],
  ];
  // Medians 2, 2, 3, 8 over 1, 2, 3, 4: the fourth root of 4.
  expect(geometricMean(base, head, { random })?.ratio).toBeCloseTo(Math.SQRT2, 14);
});

test("without noise the interval is the point, and its ratio is that of the medians", () => {
  const times = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 });
  const rounds = fc.array(times, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(rounds, rounds, times, (base, head, steady) => {
      const { uniform: random } = randomStream(51);
      const found = geometricMean(base, head, { ...few, random });
      const logs = [0, 1, 2].map((cell) =>
        Math.log(median(head.map((round) => round[cell])) / median(base.map((round) => round[cell]))),
      );
      expect(Math.log(found?.ratio ?? 0)).toBeCloseTo((logs[0] + logs[1] + logs[2]) / 3, 9);
      expect(found?.low === null).toBe(base.length < 6 || head.length < 6);
      const twice = geometricMean(Array(6).fill(steady), Array(7).fill(steady.map((time) => 2 * time)), {
        ...few,
        random,
      });
      for (const end of [twice?.low, twice?.ratio, twice?.high]) expect(end).toBeCloseTo(2, 12);
    }),
    { numRuns: 50 },
  );
});

test("cells that one side lacks are left out, and a cell missing in some rounds counts by the others", () => {
  const { uniform: random } = randomStream(52);
  const base: Round[] = Array.from({ length: 7 }, (_, round) => [round === 0 ? 1 : null, 3, 5]);
  const head: Round[] = Array.from({ length: 7 }, () => [2, 3, null]);
  const found = geometricMean(base, head, { ...few, random });
  expect(found?.cells).toBe(2);
  expect(found?.ratio).toBeCloseTo(Math.SQRT2, 14);
  // In a third of the resamples the first cell's only round was not drawn.
  expect(found?.low).toBeCloseTo(1, 14);
  expect(found?.high).toBeCloseTo(Math.SQRT2, 14);
});

test("where no cell was measured on both sides there is no mean", () => {
  const { uniform: random } = randomStream(53);
  expect(geometricMean([], [], { random })).toBeNull();
  expect(geometricMean([[1, null]], [[null, 1]], { random })).toBeNull();
  expect(geometricMean([[1]], [], { random })).toBeNull();
});

test("the seed decides the interval, and nothing but the interval", () => {
  const noise = { shared: 0.03, own: 0.03 };
  const random = randomStream(54);
  const base = simulated(random, noise, 8, [1, 2, 3]);
  const head = simulated(random, noise, 8, [1, 2, 3]);
  const [one, again, other] = [1, 1, 2].map((seed) =>
    geometricMean(base, head, { ...few, random: randomStream(seed).uniform }),
  );
  expect(one).toEqual(again);
  expect(one?.low).not.toBe(other?.low);
  expect(one?.ratio).toBe(other?.ratio);
});

test("rounds of unlike length, and what has no logarithm, are refused", () => {
  const { uniform: random } = randomStream(55);
  expect(() => geometricMean([[1, 2]], [[1]], { random })).toThrow("the same number of cells, got 2, 1");
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => geometricMean([[1]], [[bad]], { random })).toThrow(
      `head must be positive and finite, got ${bad}`,
    );
  }
  expect(() => geometricMean([], [], { random, confidence: 1 })).toThrow("confidence");
  for (const bad of [10, 99.5, Number.NaN]) {
    expect(() => geometricMean([], [], { random, resamples: bad })).toThrow(`got ${bad}`);
  }
});

test.each([
  { rounds: 6, shared: 0, own: 0.03 },
  { rounds: 6, shared: 0.03, own: 0.01 },
  { rounds: 8, shared: 0.03, own: 0.03 },
  { rounds: 15, shared: 0.03, own: 0.03 },
])("over $rounds rounds the 95 % interval covers 92.5 to 99 %: shared noise $shared, own $own", (one) => {
  const random = randomStream(56, one.rounds);
  const medians = Array.from({ length: 10 }, (_, cell) => 2 ** cell);
  const runs = simulatedRuns(1000);
  const share = coverage(
    1.05,
    () => {
      const base = simulated(random, one, one.rounds, medians);
      const head = simulated(
        random,
        one,
        one.rounds,
        medians.map((time) => 1.05 * time),
      );
      return geometricMean(base, head, { ...few, random: random.uniform });
    },
    runs,
  );
  expect(share).toBeGreaterThan(0.925 - missing(0.925, runs));
  expect(share).toBeLessThan(0.99 + missing(0.99, runs));
});
