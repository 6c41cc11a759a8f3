import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure } from "../../src/core/pattern.ts";
import {
  contains,
  intersect,
  interval,
  sameIntervals,
  subtract,
  unite,
} from "../../src/pattern/intervals.ts";
import { members, scan } from "./brute-force.ts";

const LENGTH = 40;
/** Any canonical list of ranges: the members of a random mask, dense or sparse. */
const ranges = fc
  .array(fc.boolean(), { maxLength: LENGTH })
  .map((mask) => scan(mask.length, (key) => mask[key]));

describe("the arithmetic of intervals", () => {
  it("unites, intersects and subtracts as sets do, in canonical form", () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const inA = members(a);
        const inB = members(b);
        expect(unite(a, b)).toEqual(scan(LENGTH, (key) => inA.has(key) || inB.has(key)));
        expect(intersect(a, b)).toEqual(scan(LENGTH, (key) => inA.has(key) && inB.has(key)));
        expect(subtract(a, b)).toEqual(scan(LENGTH, (key) => inA.has(key) && !inB.has(key)));
      }),
      { numRuns: 500 },
    );
  });

  it("measures and contains as sets do", () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: -2, max: LENGTH + 2 }), (a, key) => {
        expect(measure(a)).toBe(members(a).size);
        expect(contains(a, key)).toBe(members(a).has(key));
      }),
    );
  });

  it("tells lists apart exactly when their sets differ", () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        expect(sameIntervals(a, b)).toBe(members(a).symmetricDifference(members(b)).size === 0);
        expect(sameIntervals(a, [...a])).toBe(true);
      }),
    );
  });

  it("cuts a range to the sequence, and gives nothing for an empty one", () => {
    expect(interval(-3, 4, 10)).toEqual([0, 4]);
    expect(interval(8, Number.POSITIVE_INFINITY, 10)).toEqual([8, 10]);
    expect(interval(4, 4, 10)).toEqual([]);
    expect(interval(5, 2, 10)).toEqual([]);
    expect(interval(10, 12, 10)).toEqual([]);
    expect(interval(-5, 0, 10)).toEqual([]);
  });
});
