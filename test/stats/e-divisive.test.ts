import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { eDivisive } from "../../src/stats/e-divisive.ts";
import { splitNull } from "../../src/stats/split-null.ts";
import { missing, simulatedRuns } from "../examples.ts";

const LEAST = 6;
const nulls = splitNull((length) => {
  const random = randomStream(1, length);
  return (bound) => random.below(bound);
}, LEAST);

function divided(values: Float64Array, level = 0.01) {
  const random = randomStream(2);
  return eDivisive(values, { least: LEAST, level, nulls, below: (bound) => random.below(bound) });
}

/** Independent noise around levels, each so many values long. */
function noisy(
  seed: number,
  noise: (random: ReturnType<typeof randomStream>) => number,
  ...levels: number[]
) {
  const random = randomStream(seed, 3);
  return Float64Array.from(levels, (level) => level + noise(random));
}

function levels(...parts: readonly (readonly [count: number, level: number])[]): number[] {
  return parts.flatMap(([count, level]) => Array<number>(count).fill(level));
}

test("every step of several is found, where it is, and p is that of each test", () => {
  const values = noisy(1, (random) => random.gaussian(), ...levels([80, 0], [40, 6], [60, 0], [30, 5]));
  const found = divided(values);
  expect(found.map(({ at }) => at)).toEqual([80, 120, 180]);
  for (const { p } of found) expect(p).toBeLessThan(0.01 * (210 / 210));
});

test("a series that is constant, short, or of two values that alternate is not divided", () => {
  expect(divided(new Float64Array(100))).toEqual([]);
  expect(divided(new Float64Array(2 * LEAST - 1))).toEqual([]);
  expect(divided(new Float64Array(0))).toEqual([]);
  expect(divided(Float64Array.from({ length: 100 }, (_, index) => index % 2))).toEqual([]);
});

test("single outliers, however far, divide nothing", () => {
  const values = noisy(4, (random) => random.gaussian(), ...levels([100, 0]));
  for (const at of [3, 50, 51, 97, 99]) values[at] = 1e6;
  expect(divided(values, 0.05)).toEqual([]);
});

const noises = {
  normal: (random) => random.gaussian(),
  "Student's with 3 degrees of freedom": (random) =>
    random.gaussian() /
    Math.sqrt((random.gaussian() ** 2 + random.gaussian() ** 2 + random.gaussian() ** 2) / 3),
  "one-sided, exponential": (random) => -Math.log(1 - random.uniform()),
  "normal with 5 % ten times as scattered": (random) =>
    (random.uniform() < 0.05 ? 10 : 1) * random.gaussian(),
  "of five values": (random) => random.below(5),
} as const satisfies Record<string, (random: ReturnType<typeof randomStream>) => number>;

test.each(Object.entries(noises))(
  "of series without a change, noise being %s, at most the level are divided",
  (_, noise) => {
    const runs = simulatedRuns(2000);
    for (const count of [40, 120]) {
      let alarms = 0;
      for (let run = 0; run < runs; run++) {
        if (divided(noisy(1000 * count + run, noise, ...levels([count, 0])), 0.05).length > 0) alarms++;
      }
      // Three standard errors; the draws that all series share are off by a tenth of the level more.
      expect(alarms / runs).toBeLessThan(0.05 * 1.1 + 3 * Math.sqrt((0.05 * 0.95) / runs));
    }
  },
);

test("of series with one change no more than the level are divided elsewhere", () => {
  const runs = simulatedRuns(1000);
  let elsewhere = 0;
  let found = 0;
  for (let run = 0; run < runs; run++) {
    const values = noisy(run, noises.normal, ...levels([100, 0], [30, 4]));
    const divides = divided(values, 0.05);
    const near = divides.filter(({ at }) => Math.abs(at - 100) <= 3);
    found += Math.min(1, near.length);
    if (divides.length > near.length) elsewhere++;
  }
  expect(found / runs).toBe(1);
  expect(elsewhere / runs).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs));
});

test("a step of two standard deviations 20 values before the end of 150 is found in nine of ten, and ten outliers cost little", () => {
  const runs = simulatedRuns(500);
  for (const [noise, least] of [
    [noises.normal, 0.95],
    [noises["normal with 5 % ten times as scattered"], 0.85],
  ] as const) {
    let found = 0;
    for (let run = 0; run < runs; run++) {
      if (divided(noisy(run, noise, ...levels([130, 0], [20, 2])), 0.001).length > 0) found++;
    }
    expect(found / runs).toBeGreaterThan(least - missing(least, runs));
  }
});
