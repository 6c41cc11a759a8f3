import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { band, everything } from "../../src/pattern/band.ts";
import { bands, lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("band", () => {
  it("attends, lists and counts the keys from i - left to i + right", () => {
    fc.assert(
      fc.property(bands, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(bands, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("summarises any rows tightly: some is the union of the rows and every is their intersection", () => {
    fc.assert(
      fc.property(bands, lengths, rowRanges, ({ pattern }, length, rows) => {
        const bound = pattern.bind({ length, head: 0 });
        const { from, to } = rows(length);
        const first = bound.runs(from);
        const last = bound.runs(to - 1);
        expect(bound.someRuns(from, to)).toEqual([first[0], last[1]]);
        expect(bound.everyRuns(from, to)).toEqual(last[0] < first[1] ? [last[0], first[1]] : []);
      }),
    );
  });

  it("is everything when both sides reach past the sequence", () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const whole = everything().bind({ length, head: 0 });
        const wide = band(length - 1, length - 1).bind({ length, head: 0 });
        expect(whole.pairs()).toBe(length * length);
        expect(wide.pairs()).toBe(length * length);
        expect(whole.intervals(length - 1)).toEqual([0, length]);
      }),
    );
  });

  it("holds the query alone when both sides are 0", () => {
    const bound = band(0, 0).bind({ length: 5, head: 0 });
    expect(bound.pairs()).toBe(5);
    expect(bound.intervals(3)).toEqual([3, 4]);
  });

  it("says what it is", () => {
    expect(band(3, 0).text).toBe("band(3, 0)");
    expect(everything().text).toBe("everything");
  });
});
