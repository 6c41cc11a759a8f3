import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctBelow, hashText, randomStream, shuffled } from "../../src/core/random.ts";
import { chiSquare, chiSquare999, Z_TWO_SIDED_999 } from "./chi-square.ts";
import { stateBefore, xoshiroFrom } from "./xoshiro.ts";

/** Statistical checks run on fixed seeds: a bound is the stated quantile of the statistic of a fair stream. */
const keys = fc.array(fc.maxSafeInteger(), { maxLength: 4 });

function take<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw);
}

function tally(outcomes: Iterable<number>, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const outcome of outcomes) counts[outcome]++;
  return counts;
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const products = mean(a.map((value, at) => (value - meanA) * (b[at] - meanB)));
  const squares = (values: readonly number[], centre: number): number =>
    mean(values.map((value) => (value - centre) ** 2));
  return products / Math.sqrt(squares(a, meanA) * squares(b, meanB));
}

describe("randomStream", () => {
  it("gives the same stream for the same keys", () => {
    fc.assert(
      fc.property(keys, (names) => {
        const [one, other] = [randomStream(...names), randomStream(...names)];
        expect(take(20, () => one.uint32())).toEqual(take(20, () => other.uint32()));
      }),
    );
  });

  it("gives these numbers on every machine", () => {
    const stream = randomStream(1, 2, 3);
    expect(take(4, () => stream.uint32())).toEqual([2167581122, 383606996, 4014805409, 2961597905]);
    expect(randomStream().uint32()).toBe(1292791899);
    expect(randomStream(0).uint32()).toBe(3688435303);
    expect(randomStream(-1, 2 ** 40).uint32()).toBe(1753333994);
    expect(randomStream(9).uniform()).toBe(0.6299252952449024);
    expect(randomStream(9).below(1000)).toBe(542);
    expect(shuffled(6, randomStream(9))).toEqual([0, 3, 1, 5, 4, 2]);
    expect(distinctBelow(100, 4, randomStream(9))).toEqual([34, 62, 63, 83]);
  });

  it("is xoshiro128**: four outputs give the state away, and the state gives every later output", () => {
    fc.assert(
      fc.property(keys, (names) => {
        const stream = randomStream(...names);
        const outputs = take(100, () => stream.uint32());
        const again = xoshiroFrom(stateBefore(outputs.slice(0, 4)));
        expect(take(100, again)).toEqual(outputs);
      }),
    );
  });

  it("is held to the published generator, which from 1, 2, 3, 4 begins with 11520, 0, 5927040, 70819200", () => {
    expect(take(4, xoshiroFrom([1, 2, 3, 4]))).toEqual([11520, 0, 5927040, 70819200]);
  });

  it("gives other streams for other keys, orders and numbers of keys", () => {
    const names = [
      [],
      [0],
      [1],
      [-1],
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 0, 0],
      [2 ** 32],
      [2 ** 32 + 7],
      [2 ** 52],
    ];
    const firsts = names.map((name) => randomStream(...name).uint32());
    expect(new Set(firsts).size).toBe(names.length);
  });

  it("gives uncorrelated streams for neighbouring keys, wherever the neighbour stands", () => {
    const pairs = 20_000;
    const neighbours: readonly ((at: number) => [number[], number[]])[] = [
      (at) => [[at], [at + 1]],
      (at) => [
        [7, at],
        [7, at + 1],
      ],
      (at) => [
        [at, 3],
        [at + 1, 3],
      ],
      (at) => [
        [at, 5, 2],
        [at, 5, 3],
      ],
    ];
    // The correlation of n independent pairs has standard error 1/√n; of 32 n fair bits, half differ ± √(32 n)/2.
    const bound = Z_TWO_SIDED_999 / Math.sqrt(pairs);
    for (const neighbour of neighbours) {
      const firsts: number[] = [];
      const seconds: number[] = [];
      let differing = 0;
      for (let at = 0; at < pairs; at++) {
        const [one, other] = neighbour(2 * at);
        const a = randomStream(...one).uint32();
        const b = randomStream(...other).uint32();
        firsts.push(a);
        seconds.push(b);
        for (let bits = (a ^ b) >>> 0; bits !== 0; bits >>>= 1) differing += bits & 1;
      }
      expect(Math.abs(correlation(firsts, seconds))).toBeLessThan(bound);
      expect(Math.abs(differing - 16 * pairs)).toBeLessThan((Z_TWO_SIDED_999 * Math.sqrt(32 * pairs)) / 2);
    }
  });

  it("draws uniform numbers in [0, 1), evenly", () => {
    const stream = randomStream(101);
    const drawn = take(100_000, () => stream.uniform());
    for (const value of drawn)
      expect(value >= 0 && value < 1 && Number.isInteger(value * 2 ** 32)).toBe(true);
    const counts = tally(
      drawn.map((value) => Math.floor(value * 100)),
      100,
    );
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(99));
  });
});

describe("below", () => {
  it("stays in range, whatever the bound", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 2 ** 32 }), (names, bound) => {
        const stream = randomStream(...names);
        for (const draw of take(20, () => stream.below(bound))) {
          expect(Number.isInteger(draw) && draw >= 0 && draw < bound).toBe(true);
        }
      }),
    );
  });

  it.each([2, 3, 7, 10, 64, 100])("is uniform over %i numbers", (bound) => {
    const stream = randomStream(202, bound);
    const counts = tally(
      take(50_000, () => stream.below(bound)),
      bound,
    );
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(bound - 1));
  });

  it("does not favour small numbers where the bound does not divide 2^32", () => {
    // A plain remainder would give the first of these three thirds half of the draws.
    const stream = randomStream(303);
    const counts = tally(
      take(10_000, () => Math.floor(stream.below(3 * 2 ** 30) / 2 ** 30)),
      3,
    );
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(2));
  });

  it("refuses a bound that is no integer from 1 to 2^32", () => {
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => randomStream(1).below(bound)).toThrow(
        new RangeError(`below: bound must be an integer from 1 to 2^32, got ${bound}`),
      );
    }
    expect(randomStream(1).below(1)).toBe(0);
  });
});

describe("gaussian", () => {
  const count = 200_000;
  const stream = randomStream(404);
  const drawn = take(count, () => stream.gaussian());
  const moment = (power: number): number => mean(drawn.map((value) => value ** power));

  it("has the moments of a standard normal", () => {
    // E[z^2k] = (2k - 1)!!, so that the mean of z^p over n draws has variance (E[z^2p] - E[z^p]^2) / n.
    const within = (variance: number): number => Z_TWO_SIDED_999 * Math.sqrt(variance / count);
    expect(Math.abs(moment(1))).toBeLessThan(within(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(within(3 - 1));
    expect(Math.abs(moment(3))).toBeLessThan(within(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(within(105 - 9));
  });

  it("fills the octiles of a standard normal evenly", () => {
    const octiles = [-1.150349, -0.67449, -0.318639, 0, 0.318639, 0.67449, 1.150349];
    const counts = tally(
      drawn.map((value) => octiles.filter((edge) => value >= edge).length),
      8,
    );
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(7));
  });

  it("is uncorrelated from one draw to the next, in value and in size", () => {
    const evens = drawn.filter((_, at) => at % 2 === 0);
    const odds = drawn.filter((_, at) => at % 2 === 1);
    const bound = Z_TWO_SIDED_999 / Math.sqrt(evens.length);
    expect(Math.abs(correlation(evens, odds))).toBeLessThan(bound);
    expect(Math.abs(correlation(evens.map(Math.abs), odds.map(Math.abs)))).toBeLessThan(bound);
  });

  it("is finite whatever the uniform draw", () => {
    expect(drawn.every(Number.isFinite)).toBe(true);
  });
});

describe("distinctBelow", () => {
  it("gives distinct integers in range, ascending: count of them or all that there are", () => {
    fc.assert(
      fc.property(
        keys,
        fc.nat(60),
        fc.oneof(fc.nat(80), fc.constant(Number.POSITIVE_INFINITY)),
        (names, bound, count) => {
          const drawn = distinctBelow(bound, count, randomStream(...names));
          expect(drawn.length).toBe(Math.min(bound, count));
          drawn.forEach((value, at) => {
            expect(Number.isInteger(value) && value < bound && value > (at === 0 ? -1 : drawn[at - 1])).toBe(
              true,
            );
          });
        },
      ),
    );
  });

  it("is uniform over all sets of that size", () => {
    const sets = subsets(6, 3);
    const stream = randomStream(505);
    const names = sets.map(String);
    const counts = tally(
      take(20_000, () => names.indexOf(String(distinctBelow(6, 3, stream)))),
      names.length,
    );
    expect(names.length).toBe(20);
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(19));
  });
});

describe("shuffled", () => {
  it("is a permutation", () => {
    fc.assert(
      fc.property(keys, fc.nat(100), (names, count) => {
        const order = shuffled(count, randomStream(...names));
        expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
      }),
    );
  });

  it("is uniform over all orders", () => {
    const stream = randomStream(606);
    const counts = new Map<string, number>();
    for (const order of take(24_000, () => String(shuffled(4, stream)))) {
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquare999(23));
  });
});

describe("hashText", () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 });
  const words = units.map((codes) => String.fromCharCode(...codes));

  it("gives one unsigned 32-bit integer a word, the same on every machine", () => {
    fc.assert(
      fc.property(words, (text) => {
        const hash = hashText(text);
        expect(hash).toBe(hashText(text));
        expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
      }),
    );
    expect(["", "gaussian", "q"].map(hashText)).toEqual([2872998923, 2645707151, 1560842042]);
  });

  it("tells words apart by every letter and by their order", () => {
    const different = ["", "a", "b", "ab", "ba", "q", "k", "v", "gaussian", "gaussiam", "\0", "\0\0", "a\0"];
    expect(new Set(different.map(hashText)).size).toBe(different.length);
  });
});

function subsets(bound: number, size: number): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: bound }, (_, top) => top).flatMap((top) =>
    subsets(top, size - 1).map((smaller) => [...smaller, top]),
  );
}
