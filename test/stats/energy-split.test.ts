import fc from "fast-check";
import { expect, test } from "vitest";
import { energySplit } from "../../src/stats/energy-split.ts";

/** Q̂ of Matteson & James 2014, equations (5) to (7), pair by pair. */
function definition(values: readonly number[], at: number, end: number, exponent: number): number {
  const [x, y] = [values.slice(0, at), values.slice(at, end)];
  const sum = (a: readonly number[], b: readonly number[]) =>
    a.reduce(
      (total, one) => total + b.reduce((inner, other) => inner + Math.abs(one - other) ** exponent, 0),
      0,
    );
  const [n, m] = [x.length, y.length];
  const energy = (2 * sum(x, y)) / (n * m) - sum(x, x) / (n * (n - 1)) - sum(y, y) / (m * (m - 1));
  return (energy * n * m) / (n + m);
}

/** The greatest of all pairs of a location and an end, and where it is. */
function naively(values: readonly number[], least: number, exponent: number) {
  let best = { at: 0, end: 0, statistic: Number.NEGATIVE_INFINITY };
  for (let at = least; at + least <= values.length; at++) {
    for (let end = at + least; end <= values.length; end++) {
      const statistic = definition(values, at, end, exponent);
      if (statistic > best.statistic) best = { at, end, statistic };
    }
  }
  return best;
}

const series = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 4, maxLength: 24 });

test("sums that grow find what the paper's definition finds pair by pair", () => {
  fc.assert(
    fc.property(
      series,
      fc.integer({ min: 2, max: 5 }),
      fc.constantFrom(0.5, 1, 1.5, 2),
      (values, least, exponent) => {
        const found = energySplit(Float64Array.from(values), least, exponent);
        if (values.length < 2 * least) {
          expect(found).toBeNull();
          return;
        }
        const expected = naively(values, least, exponent);
        const size = Math.max(1, ...values.map(Math.abs)) ** exponent * values.length;
        expect(Math.abs((found?.statistic ?? Number.NaN) - expected.statistic)).toBeLessThan(1e-12 * size);
        const { at, end } = found ?? { at: 0, end: 0 };
        // Of places that tie but for rounding either may win.
        expect(definition(values, at, end, exponent)).toBeGreaterThan(expected.statistic - 1e-12 * size);
      },
    ),
  );
});

/** Integers from 0 to 99 by a linear congruential generator, raised from one index on. */
function drawn(seed: number, count: number, step: number, from: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, (_, index) => {
    state = Number((1_103_515_245n * BigInt(state) + 12_345n) % 2_147_483_648n);
    return (Math.floor(state / 65_536) % 100) + (index >= from ? step : 0);
  });
}

test.each([
  // What the search of R's ecp 2.0 (e.divisive), in its port to Python, says of these sequences.
  [1, 30, 60, 18, 3, 1, 16, 614.342564102564],
  [1, 30, 60, 18, 3, 0.5, 16, 45.19105661557239],
  [1, 30, 60, 18, 3, 1.5, 16, 6863.223978858803],
  [1, 30, 60, 18, 3, 2, 16, 72683.27931623932],
  [2, 40, 0, 0, 5, 1, 25, 82.47041847041851],
  [2, 40, 0, 0, 5, 0.5, 25, 8.943440562672755],
  [2, 40, 0, 0, 5, 1.5, 25, 610.6619620885527],
  [2, 40, 0, 0, 5, 2, 25, 4480.561904761906],
  [4, 36, -80, 30, 4, 1, 30, 452.43678160919546],
  [4, 36, -80, 30, 4, 0.5, 30, 31.18473233877962],
  [4, 36, -80, 30, 4, 1.5, 30, 5454.9958489432065],
  [4, 36, -80, 30, 4, 2, 30, 62663.34482758622],
])(
  "sequence %i of %i values, %i higher from %i on, is split where R's ecp splits it (at least %i, exponent %f)",
  (seed, count, step, from, least, exponent, at, statistic) => {
    const found = energySplit(drawn(seed, count, step, from), least, exponent);
    expect(found?.at).toBe(at);
    expect(found?.statistic).toBeCloseTo(statistic, 7);
  },
);

test("a step without noise is found where it is, and a rise that was taken back is seen in spite of what follows", () => {
  const levels = (...parts: readonly (readonly [count: number, level: number])[]) =>
    Float64Array.from(parts.flatMap(([count, level]) => Array<number>(count).fill(level)));
  for (let before = 4; before < 60; before++) {
    expect(energySplit(levels([before, 0], [before, 1]), 3)?.at).toBe(before);
  }
  expect(energySplit(levels([20, 0], [6, 1], [20, 0]), 3)).toMatchObject({ at: 20, end: 26 });
  expect(energySplit(levels([30, 7]), 3)?.statistic).toBe(0);
});

test("shifting changes nothing, and scaling scales the statistic by its power", () => {
  fc.assert(
    fc.property(series, fc.constantFrom(0.5, 1, 2), (values, exponent) => {
      const before = energySplit(Float64Array.from(values), 2, exponent)?.statistic ?? Number.NaN;
      const shifted = energySplit(
        Float64Array.from(values, (one) => one + 64),
        2,
        exponent,
      );
      const scaled = energySplit(
        Float64Array.from(values, (one) => -4 * one),
        2,
        exponent,
      );
      const size = 150 ** exponent * values.length;
      expect(Math.abs((shifted?.statistic ?? Number.NaN) - before)).toBeLessThan(1e-6 * size);
      expect(Math.abs((scaled?.statistic ?? Number.NaN) - 4 ** exponent * before)).toBeLessThan(1e-12 * size);
    }),
  );
});

test("what has no statistic is refused", () => {
  expect(() => energySplit(Float64Array.of(1, 2, Number.NaN, 4), 2)).toThrow("finite");
  expect(() => energySplit(Float64Array.of(1, 2, Number.POSITIVE_INFINITY, 4), 2)).toThrow("finite");
  expect(() => energySplit(Float64Array.of(1, 2), 1)).toThrow("least size from 2, got 1");
  expect(() => energySplit(Float64Array.of(1, 2), 2, 0)).toThrow("exponent");
  expect(() => energySplit(Float64Array.of(1, 2), 2, Number.NaN)).toThrow("exponent");
});
