import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columns } from "../../src/pattern/columns.ts";
import { blockColumns, lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("columns", () => {
  it("attends, lists and counts the last keys of every block", () => {
    fc.assert(
      fc.property(blockColumns, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(blockColumns, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("has no column in a last block that is too short, and is everything with as many columns as tokens", () => {
    expect(columns(4, 1).bind({ length: 11, head: 0 }).intervals(5)).toEqual([3, 4, 7, 8]);
    expect(columns(4, 4).bind({ length: 11, head: 0 }).intervals(5)).toEqual([0, 11]);
    expect(columns(4, 9).bind({ length: 11, head: 0 }).pairs()).toBe(121);
    expect(columns(4, 1).text).toBe("columns(4, 1)");
  });
});
