import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { roundRatio } from "../../src/stats/round-ratio.ts";
import { coverage } from "./coverage.ts";

test("rounds that slow both alike have the one ratio, without doubt", () => {
  const speeds = [1, 9, 2, 5, 0.1, 3, 70];
  const ratio = roundRatio(
    speeds.map((speed) => 6 * speed),
    speeds.map((speed) => 4 * speed),
  );
  for (const value of Object.values(ratio ?? {})) expect(value).toBeCloseTo(1.5, 12);
  expect(Object.keys(ratio ?? {})).toEqual(["ratio", "low", "high"]);
});

test("the ratio the other way round is the inverse, ends and all", () => {
  const [a, b] = [
    [3, 4, 5, 6, 7, 8, 9],
    [2, 2, 3, 2, 2, 4, 2],
  ];
  const [there, back] = [roundRatio(a, b), roundRatio(b, a)];
  expect(1 / (back?.ratio ?? 0)).toBeCloseTo(there?.ratio ?? Number.NaN, 12);
  expect(1 / (back?.high ?? 0)).toBeCloseTo(there?.low ?? Number.NaN, 12);
});

test("few rounds give null; lists of unlike length and values without a logarithm are refused", () => {
  expect(roundRatio([1, 1, 1, 1, 1], [1, 1, 1, 1, 1])).toBeNull();
  expect(() => roundRatio([1], [])).toThrow("got 1 and 0");
  expect(() => roundRatio([1], [0])).toThrow("denominators must be positive and finite, got 0");
});

test.each([6, 8, 15])("over %d rounds of a drifting machine the interval covers 93 to 97 %%", (rounds) => {
  const random = randomStream(24, rounds);
  const share = coverage(3, () => {
    const drift = Array.from({ length: rounds }, () => Math.exp(0.3 * random.gaussian()));
    const times = (seconds: number) =>
      drift.map((slow) => seconds * slow * Math.exp(0.02 * random.gaussian()));
    return roundRatio(times(3), times(1));
  });
  expect(share).toBeGreaterThan(0.93);
  expect(share).toBeLessThan(0.97);
});
