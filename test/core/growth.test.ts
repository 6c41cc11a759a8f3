import { describe, expect, it, test } from "vitest";
import { localExponent, orderOf } from "../../src/core/growth.ts";

describe("the local exponent", () => {
  it.each([0, 0.5, 1, 1.5, 2, 3])("of N^%d is that power at every length", (power) => {
    for (const length of [1, 2, 64, 4096, 2 ** 20]) {
      expect(localExponent((n) => 7 * n ** power, length)).toBe(power);
    }
  });

  it("of N log N is one and the inverse of the logarithm: ever nearer to one", () => {
    const growth = (n: number) => n * Math.log2(n);
    for (const length of [64, 1024, 65_536]) {
      expect(localExponent(growth, length)).toBeCloseTo(1 + 1 / Math.log(length), 2);
    }
  });

  it("is known of one token too, where logarithms are none", () => {
    expect(localExponent((n) => n * Math.log2(n), 1)).toBe(localExponent((n) => n * Math.log2(n), 2));
  });
});

test.each([
  ["is not above 0", () => 0, /growth: must be finite and above 0 at every length, got 0/],
  ["is no number", () => Number.NaN, /above 0 at every length, got NaN near 64/],
  ["falls", (n: number) => 1 / n, /growth: must not fall with length/],
])("a growth that %s is refused", (_, growth, says) => {
  expect(() => localExponent(growth, 64)).toThrow(says);
});

test.each<[string, (n: number) => number, string | null]>([
  ["N log N", (n) => n * Math.log2(n), "N log N"],
  ["N log N beside a part that is linear", (n) => n * (40 + 2 * Math.log2(n + 1)), "N log N"],
  ["N", (n) => 3 * n, null],
  ["N + √N", (n) => n + Math.sqrt(n), null],
  ["N^1.5", (n) => n ** 1.5, null],
  ["N²", (n) => n * n, null],
  ["N² log N", (n) => n * n * Math.log2(n), null],
  ["N log² N", (n) => n * Math.log2(n) ** 2, null],
])("the name of %s", (_, growth, name) => {
  expect(orderOf(growth)).toBe(name);
});
