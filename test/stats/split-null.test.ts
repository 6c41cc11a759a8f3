import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { energySplit } from "../../src/stats/energy-split.ts";
import { normalScores, randomisedRanks } from "../../src/stats/normal-scores.ts";
import { splitNull } from "../../src/stats/split-null.ts";
import { all } from "../examples.ts";

const LEAST = 5;
/** Up to 24 values, draws are many for their cost: the tests that need them all take seconds. */
const draws = all ? 400_000 : 20_000;

function nulls(seed: number, least = LEAST) {
  return splitNull((length) => {
    const random = randomStream(seed, length);
    return (bound) => random.below(bound);
  }, least);
}

/** Statistics of random permutations, descending. */
function permuted(length: number, count: number, seed: number): Float64Array {
  const random = randomStream(seed);
  const scores = normalScores(length);
  return Float64Array.from({ length: count }, () => {
    const noise = Array.from({ length }, () => random.uniform());
    const ranks = randomisedRanks(noise, (bound) => random.below(bound));
    return (
      energySplit(
        Float64Array.from(ranks, (rank) => scores[rank]),
        LEAST,
      )?.statistic ?? Number.NaN
    );
  })
    .sort()
    .reverse();
}

test("of sequences without a change one in a hundred has p ≤ 0.01, and no more than one in ten thousand p ≤ 0.0001", () => {
  const count = draws / 4;
  const seeds = all ? 40 : 10;
  const statistics = permuted(40, count, 9);
  // Sequences that share their permutations are off together: ten draws decide.
  const tests = Array.from({ length: seeds }, (_, seed) => nulls(seed));
  const share = (level: number) => {
    const small = statistics.filter((one, index) => tests[index % seeds].pValue(one, 40, level) <= level);
    return small.length / count;
  };
  const deviation = (level: number) => Math.sqrt((level * (1 - level)) / count + level ** 2 / 10 / seeds);
  for (const level of [0.1, 0.01, 0.001, 0.0001]) {
    expect(share(level)).toBeLessThan(level + 4 * deviation(level));
  }
  // The bound costs power, not all of it.
  expect(share(0.1)).toBeGreaterThan(0.1 - 4 * deviation(0.1));
  expect(share(0.01)).toBeGreaterThan(0.004);
});

test("the bound that few permutations give is more than the part of all that are as extreme, and less than 50 times that", () => {
  for (const length of [24, 40]) {
    const statistics = permuted(length, draws, length);
    for (const p of [0.001, all ? 0.0001 : 0.0005]) {
      const rank = Math.floor(p * draws) + 1;
      const seeds = Array.from({ length: 10 }, (_, seed) => seed);
      const bounds = seeds.map((seed) => nulls(seed).pValue(statistics[rank - 1], length, 1)).sort();
      // Nine of ten at least, by two standard errors of the draws that they are compared with.
      expect(bounds[1] * draws).toBeGreaterThan(rank - 2 * Math.sqrt(rank));
      expect(bounds[9] * draws).toBeLessThan(50 * (rank + 4 * Math.sqrt(rank)));
    }
  }
});

test("where nothing is there few permutations are drawn, which all sequences of one length share", () => {
  let drawn = 0;
  const test = splitNull(() => {
    const random = randomStream(1);
    return (bound) => {
      drawn += 1 / 299;
      return random.below(bound);
    };
  }, LEAST);
  for (let sequence = 0; sequence < 100; sequence++) expect(test.pValue(2, 300, 1e-4)).toBeGreaterThan(0.9);
  expect(drawn).toBeLessThan(12);
  // Beyond any doubt, in the first draws of a long sequence.
  expect(test.pValue(150, 300, 1e-6)).toBeLessThan(1e-6);
  expect(drawn).toBeLessThan(120);
});

test("the same streams give the same p-values, in whatever order they are asked for", () => {
  const asked = [
    [9, 40, 0.01],
    [7, 60, 0.001],
    [12, 40, 0.0001],
  ] as const;
  const one = nulls(5);
  const other = nulls(5);
  const forwards = asked.map(([statistic, length, level]) => one.pValue(statistic, length, level));
  const backwards = asked
    .toReversed()
    .map(([statistic, length, level]) => other.pValue(statistic, length, level));
  expect(backwards.reverse()).toEqual(forwards);
});
