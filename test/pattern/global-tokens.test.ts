import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { lengths, rowRanges, tokenGlobals } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("globalTokens", () => {
  it("attends, lists and counts the pairs of which one is among the first tokens", () => {
    fc.assert(
      fc.property(tokenGlobals, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(tokenGlobals, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("is symmetric: who is seen by all sees all", () => {
    fc.assert(
      fc.property(tokenGlobals, fc.nat(149), fc.nat(149), ({ pattern }, query, key) => {
        const bound = pattern.bind({ length: 150, head: 0 });
        expect(bound.attends(query, key)).toBe(bound.attends(key, query));
      }),
    );
  });

  it("says what it is", () => {
    expect(globalTokens(16).text).toBe("globalTokens(16)");
  });
});
