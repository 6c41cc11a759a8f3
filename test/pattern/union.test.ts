import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { band } from "../../src/pattern/band.ts";
import { comb } from "../../src/pattern/comb.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { union } from "../../src/pattern/union.ts";
import { algebra, algebraWithDraws, combs, lengths, primitives, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts, inAny } from "./brute-force.ts";

describe("union", () => {
  it("attends, lists and counts once each pair of unions and causal cuts nested in any order", () => {
    fc.assert(
      fc.property(algebra, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
      { numRuns: 200 },
    );
  });

  it("summarises any rows of them soundly", () => {
    fc.assert(
      fc.property(algebra, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("counts a key once where combs of different strides and reaches meet, over runs or beside them", () => {
    fc.assert(
      fc.property(
        fc.array(combs, { minLength: 2, maxLength: 5 }),
        fc.option(primitives, { nil: undefined }),
        lengths,
        (teeth, beside, length) => {
          const parts = beside === undefined ? teeth : [...teeth, beside];
          expectDefinition(
            union(...parts.map((part) => part.pattern)).bind({ length, head: 0 }),
            inAny(parts.map((part) => part.definition)),
          );
        },
      ),
    );
  });

  it("says the same by membership, intervals, count and summaries where random parts are mixed in anywhere", () => {
    fc.assert(
      fc.property(algebraWithDraws, lengths, fc.nat(7), rowRanges, (pattern, length, head, rows) => {
        const bound = pattern.bind({ length, head });
        const { from, to } = rows(length);
        expectDefinition(bound, bound.attends);
        expectParts(bound, from, to);
      }),
      { numRuns: 200 },
    );
  });

  it("does not depend on the order or the nesting of its parts", () => {
    fc.assert(
      fc.property(algebra, algebra, algebra, lengths, (a, b, c, length) => {
        const left = union(union(a.pattern, b.pattern), c.pattern).bind({ length, head: 0 });
        const right = union(c.pattern, union(b.pattern, a.pattern)).bind({ length, head: 0 });
        expect(left.pairs()).toBe(right.pairs());
        for (let query = 0; query < length; query++) {
          expect(String(left.intervals(query))).toBe(String(right.intervals(query)));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is its part when there is one, and the same set when a part is given twice", () => {
    fc.assert(
      fc.property(algebra, lengths, ({ pattern, definition }, length) => {
        expectDefinition(union(pattern, pattern).bind({ length, head: 0 }), definition);
        expect(union(pattern).text).toBe(pattern.text);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps one of two equal combs", () => {
    const bound = union(comb(3), band(1, 1), comb(3), comb(3, 9)).bind({ length: 20, head: 0 });
    expect(bound.combs).toEqual([
      { stride: 3, left: Number.POSITIVE_INFINITY, right: Number.POSITIVE_INFINITY },
      { stride: 3, left: 9, right: 9 },
    ]);
  });

  it("differs by head, and draws, when one of its parts does", () => {
    const drawn = union(band(1, 1), randomBlocks(4, 1, 0));
    expect([drawn.perHead, drawn.drawsFromRest]).toEqual([true, true]);
    const fixed = union(band(1, 1), globalTokens(2));
    expect([fixed.perHead, fixed.drawsFromRest]).toEqual([false, false]);
    expect(fixed.text).toBe("union(band(1, 1), globalTokens(2))");
  });

  it("refuses to be empty", () => {
    expect(() => union()).toThrow(UsageError);
    expect(() => union()).toThrow("union: at least one part is needed; keep one of them above 0");
  });
});
