import { expect, test } from "vitest";
import { compareTimes, type TimedCell } from "../../src/compare/compare-times.ts";
import type { TimedRow } from "../../src/compare/match-cells.ts";
import type { RoundMeans } from "../../src/compare/round-means.ts";
import { type RandomStream, randomStream } from "../../src/core/random.ts";
import { median } from "../../src/stats/median.ts";
import { proportionInterval } from "../../src/stats/proportion-interval.ts";
import { missing, simulatedRuns } from "../examples.ts";
import { fileResults } from "./two-files.ts";

interface World {
  readonly cells: number;
  readonly rounds: number;
  /** One round's time over the usual one. */
  readonly noise: (random: RandomStream) => number;
}

const quiet = (random: RandomStream): number => Math.exp(0.03 * random.gaussian());
/** A tenth of the rounds are disturbed, by up to half. */
const disturbed = (random: RandomStream): number =>
  quiet(random) * (random.uniform() < 0.1 ? 1 + random.uniform() / 2 : 1);
const heavy = (random: RandomStream): number => Math.exp(0.02 * random.gaussian() ** 3);

const [sample] = fileResults().rows;

/** Two files of the same code, or of one whose first cell takes `effect` times as long. */
function cellsOf({ cells, rounds, noise }: World, random: RandomStream, effect = 1): readonly TimedCell[] {
  const drawn = (times: number) =>
    new Map(Array.from({ length: rounds }, (_, round) => [round, 1e-3 * times * noise(random)]));
  return Array.from({ length: cells }, (_, at) => {
    const [baseRounds, headRounds] = [drawn(1), drawn(at === 0 ? effect : 1)];
    const row = (times: ReadonlyMap<number, number>): TimedRow => ({
      ...sample,
      case: `${at}`,
      median_s: median([...times.values()]),
    });
    return {
      identity: row(baseRounds),
      base: row(baseRounds),
      head: row(headRounds),
      baseRounds,
      headRounds,
      baseMeans: meansOf(baseRounds),
      headMeans: meansOf(headRounds),
    };
  });
}

/** Of rounds of ten calls that all took as long. */
function meansOf(rounds: ReadonlyMap<number, number>): RoundMeans {
  return new Map([...rounds].map(([round, seconds]) => [round, { seconds, calls: 10 }]));
}

const worlds: readonly (readonly [string, World])[] = [
  ["a quiet machine, few rounds", { cells: 20, rounds: 6, noise: quiet }],
  ["a quiet machine", { cells: 35, rounds: 15, noise: quiet }],
  ["a disturbed machine", { cells: 35, rounds: 15, noise: disturbed }],
  ["heavy tails", { cells: 35, rounds: 10, noise: heavy }],
  ["one cell", { cells: 1, rounds: 15, noise: disturbed }],
];

test.each(worlds)(
  "unchanged code on %s is called changed in at most one comparison of twenty",
  (_, world) => {
    const random = randomStream(20_260_101);
    const runs = simulatedRuns(300);
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      // So small a threshold that chance alone decides.
      const cells = compareTimes(cellsOf(world, random), 1e-6);
      if (cells.some(({ verdict }) => verdict === "slower" || verdict === "faster")) alarms++;
    }
    expect(proportionInterval(alarms, runs).low).toBeLessThan(0.05);
    expect(alarms / runs).toBeLessThan(0.06 + missing(0.06, runs));
  },
);

test.each([
  ["a quiet machine", { cells: 35, rounds: 15, noise: quiet }, 0.9],
  ["a quiet machine, few rounds", { cells: 5, rounds: 8, noise: quiet }, 0.9],
  // An estimate from a few rounds, of which some are far off, is a poor one.
  ["a disturbed machine", { cells: 35, rounds: 15, noise: disturbed }, 0.8],
] as const)("a slow-down of the size said to be detectable is seen on %s", (_, world, least) => {
  const random = randomStream(20_260_102);
  const runs = simulatedRuns(300);
  let seen = 0;
  for (let run = 0; run < runs; run++) {
    const [{ detectable }] = compareTimes(cellsOf(world, random), 0.03);
    const [slowed] = compareTimes(cellsOf(world, random, 1 + (detectable ?? Number.NaN)), 0.03);
    if (slowed.verdict === "slower") seen++;
  }
  expect(seen / runs).toBeGreaterThan(least - missing(least, runs));
});

test("with the usual threshold, unchanged code is hardly ever called changed", () => {
  const random = randomStream(20_260_103);
  let alarms = 0;
  for (let run = 0; run < simulatedRuns(300); run++) {
    const cells = compareTimes(cellsOf({ cells: 35, rounds: 15, noise: disturbed }, random), 0.03);
    if (cells.some(({ verdict }) => verdict === "slower" || verdict === "faster")) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(3);
});
