import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockBand } from "../../src/pattern/block-band.ts";
import { blockBands, lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("blockBand", () => {
  it("attends, lists and counts the pairs of blocks at most half a window apart", () => {
    fc.assert(
      fc.property(blockBands, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(blockBands, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("takes an even window for the odd one above it: half of either rounds down to the same", () => {
    const even = blockBand(4, 2).bind({ length: 30, head: 0 });
    const odd = blockBand(4, 3).bind({ length: 30, head: 0 });
    for (let query = 0; query < 30; query++) expect(even.intervals(query)).toEqual(odd.intervals(query));
  });

  it("is a band of tokens at block size 1", () => {
    const bound = blockBand(1, 7).bind({ length: 30, head: 0 });
    expect(bound.intervals(10)).toEqual([7, 14]);
  });

  it("says what it is", () => {
    expect(blockBand(64, 3).text).toBe("blockBand(64, 3)");
  });
});
