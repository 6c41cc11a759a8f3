import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { nextLength } from "../../src/core/next-length.ts";
import { axisCells, axisWindow } from "../../src/pattern/axis.ts";
import { band } from "../../src/pattern/band.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { causal } from "../../src/pattern/causal.ts";
import { grid } from "../../src/pattern/grid.ts";
import { union } from "../../src/pattern/union.ts";
import { cells, lengths, rowRanges, windows } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts, expectRepeats } from "./brute-force.ts";

describe.each([
  ["windows", windows],
  ["cells", cells],
])("a grid of %s", (_, patterns) => {
  it("attends, lists and counts the pixels of the definition, a short last row too", () => {
    fc.assert(
      fc.property(patterns, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
      { numRuns: 200 },
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(patterns, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a grid", () => {
  const along = axisWindow(3, 1, "clamp");
  const whole = grid(8, along, along, { wholeRows: true });

  it("repeats inside the image, by whole rows", () => {
    const bound = whole.bind({ length: 160, head: 0 });
    const area = { rowFrom: 20, rowTo: 28, keyFrom: 8, keyTo: 40 };
    for (const by of [8, 16, 64]) expect(expectRepeats(bound, area, by)).toBe(true);
    expect(expectRepeats(bound, area, 4)).toBe(false);
    // To the last row, where windows are moved inwards.
    expect(expectRepeats(bound, area, 128)).toBe(null);
    expect(expectRepeats(bound, { ...area, keyFrom: 16, keyTo: 20 }, 136 - 8)).toBe(false);
  });

  it("cut into cells repeats from cell to cell", () => {
    const bound = grid(6, axisCells(4, 1), axisCells(4, 1), { wholeRows: false }).bind({
      length: 120,
      head: 0,
    });
    const area = { rowFrom: 7, rowTo: 30, keyFrom: 6, keyTo: 40 };
    expect(expectRepeats(bound, area, 24)).toBe(true);
    expect(expectRepeats(bound, area, 12)).toBe(false);
  });

  it("summarises rows of one image row tightly", () => {
    const bound = whole.bind({ length: 64, head: 0 });
    expect(bound.someRuns(18, 20)).toEqual([9, 13, 17, 21, 25, 29]);
    expect(bound.everyRuns(18, 20)).toEqual([10, 12, 18, 20, 26, 28]);
  });

  it("is refused where rows must be whole and are not, also as a part of others", () => {
    const reason =
      "takes an image of whole rows, so the tokens must be a multiple of its width 8, got 30; " +
      "choose another length, or set width";
    for (const pattern of [whole, causal(whole), union(band(1, 1), whole), byHead(band(1, 1), whole)]) {
      expect([pattern.whyNot?.(32), pattern.whyNot?.(30)]).toEqual([null, reason]);
      expect(nextLength(pattern, 30)).toBe(32);
      expect(pattern.neverCausal).toBe(true);
    }
    expect(grid(8, along, along, { wholeRows: false }).whyNot).toBeUndefined();
    expect(union(band(1, 1), band(2, 2)).whyNot).toBeUndefined();
    expect(union(band(1, 1), band(2, 2)).neverCausal).toBeUndefined();
    expect(nextLength(band(1, 1), 30)).toBe(30);
    expect(nextLength({ whyNot: () => "never" }, 30)).toBe(30);
  });

  it("says what it is", () => {
    expect(whole.text).toBe("grid(8, axisWindow(3, 1, clamp))");
    expect(grid(8, along, axisCells(2, 1), { wholeRows: false }).text).toBe(
      "grid(8, axisWindow(3, 1, clamp), axisCells(2, 1))",
    );
  });

  it("refuses an even window, and says which are near", () => {
    expect(() => axisWindow(4, 1, "clamp")).toThrow(UsageError);
    expect(() => axisWindow(4, 1, "clamp")).toThrow(/size must be odd, got 4, .*take 3 or 5/);
  });
});
