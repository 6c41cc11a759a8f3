import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { welchRatio } from "../../src/stats/welch-ratio.ts";

const times = fc.array(fc.double({ min: 1e-9, max: 1e3, noNaN: true }), { minLength: 6, maxLength: 20 });

test("it agrees with Welch's test worked out by hand", () => {
  const found = welchRatio([1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12]);
  // Means 3.5 and 7, relative variances of either mean 3.5 / 6 / 3.5².
  expect(found?.ratio).toBe(2);
  expect(found?.spread).toBeCloseTo(Math.sqrt((2 * 3.5) / 6 / 12.25), 12);
  expect(found?.freedom).toBe(10);
  expect(found?.low).toBeCloseTo(2 * Math.exp(-2.228138852 * Math.sqrt((2 * 3.5) / 6 / 12.25)), 6);
});

test("base and head changed for one another give the inverse, and another unit the same", () => {
  fc.assert(
    fc.property(times, times, (base, head) => {
      const [there, back] = [welchRatio(base, head), welchRatio(head, base)];
      if (there === null || back === null) throw new Error("six values are enough");
      expect(there.ratio * back.ratio).toBeCloseTo(1, 9);
      expect(there.p).toBeCloseTo(back.p, 9);
      const scale = (values: readonly number[]) => values.map((one) => one * 1024);
      expect(welchRatio(scale(base), scale(head))).toEqual(there);
    }),
  );
});

test("what does not vary has no spread, and is surely changed or surely not", () => {
  expect(welchRatio(Array(6).fill(1), Array(6).fill(1))).toMatchObject({ ratio: 1, p: 1, low: 1, high: 1 });
  expect(welchRatio(Array(6).fill(1), Array(6).fill(2))).toMatchObject({ ratio: 2, p: 0, low: 2, high: 2 });
});

test("under six values there is no interval, and what is no time is refused", () => {
  expect(welchRatio([1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1])).toBeNull();
  expect(() => welchRatio([1, 0, 1, 1, 1, 1], [1])).toThrow("base must be positive and finite, got 0");
  expect(() => welchRatio([1], [Number.NaN])).toThrow("head must be positive and finite, got NaN");
});

test.each([
  ["normal noise", 12, 12, () => 0.03],
  ["disturbed rounds", 15, 15, (uniform: number) => (uniform < 0.1 ? 0.5 : 0.03)],
  ["fewer rounds on one side", 6, 20, () => 0.05],
] as const)(
  "of unchanged samples in %s at most one in twenty lies outside of its interval",
  (_, n, m, sd) => {
    const random = randomStream(91);
    const draw = () => Math.exp(Math.abs(random.gaussian()) * sd(random.uniform()));
    let outside = 0;
    for (let run = 0; run < 1000; run++) {
      const found = welchRatio(Array.from({ length: n }, draw), Array.from({ length: m }, draw));
      if (found !== null && (found.low > 1 || found.high < 1)) outside++;
    }
    expect(outside).toBeLessThan(70);
  },
);
