import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globalBlocks } from "../../src/pattern/global-blocks.ts";
import { blockGlobals, lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("globalBlocks", () => {
  it("attends, lists and counts the pairs of which one is in the first or last blocks", () => {
    fc.assert(
      fc.property(blockGlobals, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(blockGlobals, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("counts a short last block as one block", () => {
    // 10 tokens in blocks of 4: the last block is tokens 8 and 9.
    const bound = globalBlocks(4, 1).bind({ length: 10, head: 0 });
    expect(bound.intervals(5)).toEqual([0, 4, 8, 10]);
    expect(bound.intervals(8)).toEqual([0, 10]);
    expect(bound.pairs()).toBe(100 - 4 * 4);
  });

  it("says what it is", () => {
    expect(globalBlocks(64, 1).text).toBe("globalBlocks(64, 1)");
  });
});
