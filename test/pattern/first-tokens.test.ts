import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstTokens } from "../../src/pattern/first-tokens.ts";
import { lengths, rowRanges, tokensFirst } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("firstTokens", () => {
  it("attends, lists and counts the first keys in every row", () => {
    fc.assert(
      fc.property(tokensFirst, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(tokensFirst, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("says what it is, and differs from global tokens in their own rows", () => {
    expect(firstTokens(16).text).toBe("firstTokens(16)");
    expect(firstTokens(2).bind({ length: 9, head: 0 }).intervals(0)).toEqual([0, 2]);
  });
});
