import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure } from "../../src/core/pattern.ts";
import { intersect } from "../../src/pattern/intervals.ts";
import { powersOfTwo } from "../../src/pattern/powers-of-two.ts";
import { lengths, powers, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("powersOfTwo", () => {
  it("attends, lists and counts the keys at distances 0, 1, 2, 4, …", () => {
    fc.assert(
      fc.property(powers, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(powers, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("has ⌊log₂ i⌋ + 2 keys up to the query, and all of a short sequence", () => {
    const bound = powersOfTwo().bind({ length: 5000, head: 0 });
    for (const row of [1, 2, 3, 4, 100, 4095, 4096, 4999]) {
      const past = intersect(bound.intervals(row), [0, row + 1]);
      expect(measure(past)).toBe(Math.floor(Math.log2(row)) + 2);
    }
    expect(powersOfTwo().bind({ length: 3, head: 0 }).pairs()).toBe(9);
    expect(powersOfTwo().bind({ length: 1, head: 0 }).intervals(0)).toEqual([0, 1]);
    expect(powersOfTwo().text).toBe("powersOfTwo()");
  });
});
