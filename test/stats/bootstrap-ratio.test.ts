import fc from "fast-check";
import { expect, test } from "vitest";
import { type RandomStream, randomStream } from "../../src/core/random.ts";
import { binomialTail } from "../../src/stats/binomial-tail.ts";
import { bootstrapMedian } from "../../src/stats/bootstrap-median.ts";
import { bootstrapRatio, bootstrapRatios } from "../../src/stats/bootstrap-ratio.ts";
import { holm } from "../../src/stats/holm.ts";
import { missing, simulatedRuns } from "../examples.ts";
import { coverage } from "./coverage.ts";

const times = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 20 });

/** Logarithms of times about their median, of which a law has the spread 0.03 or so. */
const laws: Readonly<Record<string, (random: RandomStream) => number>> = {
  normal: (random) => 0.03 * random.gaussian(),
  skewed: (random) => 0.03 * (Math.exp(random.gaussian()) - 1),
  contaminated: (random) => (random.uniform() < 0.1 ? 0.3 : 0.03) * random.gaussian(),
};

/** Two samples whose medians are as 1 to 1.1. */
function simulated(
  law: keyof typeof laws,
  random: RandomStream,
  sizes: readonly [number, number],
  noisier = 1,
  ratio = 1.1,
): [number[], number[]] {
  const sample = (count: number, median: number, spread: number) =>
    Array.from({ length: count }, () => median * Math.exp(spread * laws[law](random)));
  return [sample(sizes[0], 1, 1), sample(sizes[1], ratio, noisier)];
}

test("ten rounds a side have the interval, spread and p that many resamples come to", () => {
  const base = [1.02, 1.0, 1.05, 0.99, 1.01, 1.03, 0.98, 1.04, 1.2, 1.0];
  const head = [1.06, 1.11, 1.04, 1.08, 1.05, 1.3, 1.07, 1.02, 1.09, 1.1];
  const found = bootstrapRatio(base, head);
  expect(found?.ratio).toBeCloseTo(1.075 / 1.015, 14);
  const random = randomStream(41);
  const middle = (sample: readonly number[]) => {
    const drawn = Float64Array.from(sample, () => sample[random.below(sample.length)]).sort();
    return (drawn[4] + drawn[5]) / 2;
  };
  const logs = Float64Array.from({ length: 100_000 }, () => Math.log(middle(head) / middle(base))).sort();
  expect(found?.low).toBeCloseTo(Math.exp(logs[2500]), 2);
  expect(found?.high).toBeCloseTo(Math.exp(logs[97_500]), 2);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const square = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
  expect((found?.spread ?? 0) / Math.sqrt(square)).toBeCloseTo(1, 2);
});

test("base and head swapped give the inverse ratio and interval, and the same p", () => {
  fc.assert(
    fc.property(times, times, (a, b) => {
      const there = bootstrapRatio(a, b);
      const back = bootstrapRatio(b, a);
      if (there === null || back === null) throw new Error("six rounds are enough");
      expect(there.ratio * back.ratio).toBeCloseTo(1, 9);
      expect(there.low * back.high).toBeCloseTo(1, 9);
      expect(there.high * back.low).toBeCloseTo(1, 9);
      expect(there.p).toBeCloseTo(back.p, 9);
      expect(there.low).toBeLessThanOrEqual(there.ratio * (1 + 1e-12));
      expect(there.high).toBeGreaterThanOrEqual(there.ratio * (1 - 1e-12));
    }),
  );
});

test("p below one minus the confidence has an interval without 1, and p is never below the smallest", () => {
  const near = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 6, maxLength: 15 });
  fc.assert(
    fc.property(near, near, fc.constantFrom(0.5, 0.8, 0.95), (a, b, confidence) => {
      const found = bootstrapRatio(a, b, confidence);
      if (found === null) throw new Error("six rounds are enough");
      if (found.p < 1 - confidence - 1e-9) {
        expect(found.low >= 1 - 1e-12 || found.high <= 1 + 1e-12).toBe(true);
      }
      expect(found.p).toBeGreaterThanOrEqual(found.leastP * (1 - 1e-12));
      expect(found.p).toBeLessThanOrEqual(1);
    }),
  );
});

test("rounds that do not vary have an interval of one point, and p is what so many rounds allow", () => {
  const same = bootstrapRatio(Array(6).fill(2), Array(6).fill(2));
  expect(same).toMatchObject({ ratio: 1, p: 1, spread: 0 });
  expect((same?.high ?? 2) - (same?.low ?? 0)).toBeLessThan(1e-14);
  const twice = bootstrapRatio(Array(6).fill(2), Array(6).fill(4));
  expect(twice?.p).toBeCloseTo(2 / 924, 12);
  expect(twice?.p).toBe(twice?.leastP);
});

test("values that tie count half", () => {
  // Medians 1 and 2, and 2 and 1 in the resamples in which base draws four times its one 2 and head four of its three 1s.
  const found = bootstrapRatio([1, 1, 1, 1, 1, 1, 2], [1, 1, 1, 2, 2, 2, 2]);
  expect(found?.ratio).toBe(2);
  expect(found?.p).toBeCloseTo(binomialTail(4, 7, 1 / 7) + binomialTail(4, 7, 3 / 7), 12);
});

test("the degrees of freedom are those of both samples together, or of the one that varies", () => {
  const varied = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7];
  const freedom = (base: number[], head: number[]) => bootstrapRatio(base, head)?.freedom;
  expect(freedom(varied, varied)).toBe(14);
  expect(freedom(Array(20).fill(1), varied)).toBe(7);
  expect(freedom(varied, Array(20).fill(1))).toBe(7);
  expect(freedom(Array(9).fill(1), Array(20).fill(1))).toBe(8);
});

test("six rounds a side can never tell one of a hundred cells apart, and eight can", () => {
  const apart = (count: number) => {
    const base = Array.from({ length: count }, (_, index) => 1 + index / 1000);
    return bootstrapRatio(
      base,
      base.map((time) => 2 * time),
    );
  };
  const others = Array(99).fill(0.5);
  expect(holm([apart(6)?.p ?? 1, ...others])[0]).toBeGreaterThan(0.2);
  expect(holm([apart(8)?.p ?? 1, ...others])[0]).toBeLessThan(0.05);
  expect(apart(6)?.leastP).toBeCloseTo(2 / 924, 12);
});

test("fewer than six rounds give null, and what has no logarithm is refused all the same", () => {
  expect(bootstrapRatio([1, 1, 1, 1, 1], Array(9).fill(1))).toBeNull();
  expect(bootstrapRatio(Array(9).fill(1), [1])).toBeNull();
  expect(bootstrapRatio([], [])).toBeNull();
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => bootstrapRatio([bad], [1])).toThrow(`base must be positive and finite, got ${bad}`);
    expect(() => bootstrapRatio([1], [bad])).toThrow(`head must be positive and finite, got ${bad}`);
  }
  expect(() => bootstrapRatio([1], [1], 1)).toThrow("between 0 and 1, got 1");
});

/** Both sides alike, and the two cases in which a difference in noise misleads most. */
const equal = [6, 8, 15].flatMap((count) =>
  Object.keys(laws).map((law) => ({ law, base: count, head: count, noisier: 1 })),
);
const unequal = [
  { law: "normal", base: 8, head: 8, noisier: 4 },
  { law: "skewed", base: 15, head: 8, noisier: 4 },
];

test.each([...equal, ...unequal])(
  "the 95 % interval covers the ratio in 93 to 99 % of runs: $base and $head rounds, noise $law, head's × $noisier",
  ({ law, base, head, noisier }) => {
    const random = randomStream(42, base, head, noisier, law.length);
    const runs = simulatedRuns(1500);
    const share = coverage(1.1, () => bootstrapRatio(...simulated(law, random, [base, head], noisier)), runs);
    expect(share).toBeGreaterThan(0.93 - missing(0.93, runs));
    expect(share).toBeLessThan(0.99 + missing(0.99, runs));
  },
);

test.each([...equal.slice(0, 6), ...unequal])(
  "of unchanged cells at most 5 % have p ≤ 0.05 and 0.05 % have p ≤ 0.0005: $base and $head rounds, noise $law, head's × $noisier",
  ({ law, base, head, noisier }) => {
    const random = randomStream(43, base, head, noisier, law.length);
    const cells = simulatedRuns(3000);
    const p = Array.from(
      { length: cells },
      () => bootstrapRatio(...simulated(law, random, [base, head], noisier, 1))?.p ?? 1,
    );
    // Holm's first step among a hundred cells rejects at 0.0005: at most 5 % of such runs then have a false alarm.
    for (const level of [0.05, 0.0005]) {
      const share = p.filter((value) => value <= level).length / cells;
      expect(share).toBeLessThanOrEqual(level + 3 * Math.sqrt((level * (1 - level)) / cells));
    }
    if (base === 6) expect(Math.min(...p)).toBeGreaterThan(0.0005);
  },
);

/** The ends of the interval by halving alone, each probability summed over all pairs of medians. */
function plainInterval(base: readonly number[], head: readonly number[]): readonly [number, number] {
  const [below, above] = [base, head].map((sample) => {
    const { values, weights } = bootstrapMedian(sample);
    return { values: values.map(Math.log), weights };
  });
  const share = (step: number): number => {
    let sum = 0;
    for (const [at, value] of below.values.entries()) {
      let [less, most] = [0, 0];
      for (const [other, one] of above.values.entries()) {
        if (one - value < step) less += above.weights[other];
        if (one - value <= step) most += above.weights[other];
      }
      sum += (below.weights[at] * (less + most)) / 2;
    }
    return sum;
  };
  const bounds = (probability: number): readonly [number, number] => {
    let low = above.values[0] - below.values[below.values.length - 1] - 1e-15;
    let high = above.values[above.values.length - 1] - below.values[0] + 1e-15;
    while (high - low > 1e-15) {
      const middle = (low + high) / 2;
      if (!(low < middle && middle < high)) break;
      if (share(middle) < probability) low = middle;
      else high = middle;
    }
    return [low, high];
  };
  const tail = (1 - 0.95) / 2;
  return [Math.exp(bounds(tail)[0]), Math.exp(bounds(1 - tail)[1])];
}

/** Times as clocks give them, many of them equal, and such as are close to one another. */
const alike = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 6 }), fc.double({ min: 0.99, max: 1.01, noNaN: true })),
  { minLength: 6, maxLength: 12 },
);

test("the interval is to the last digit what halving alone finds", () => {
  fc.assert(
    fc.property(fc.oneof(times, alike), fc.oneof(times, alike), (base, head) => {
      const found = bootstrapRatio(base, head);
      expect([found?.low, found?.high]).toEqual(plainInterval(base, head));
    }),
  );
});

test("what is computed once for many samples changes none of them", () => {
  const ratioOf = bootstrapRatios();
  fc.assert(
    fc.property(fc.oneof(times, alike), fc.oneof(times, alike), (base, head) => {
      expect(ratioOf(base, head)).toEqual(bootstrapRatio(base, head));
    }),
  );
});
