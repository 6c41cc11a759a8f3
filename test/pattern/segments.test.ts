import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { segments } from "../../src/pattern/segments.ts";
import { lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts, inBlockBand, inSegments } from "./brute-force.ts";

const sizes = fc.integer({ min: 1, max: 160 });
const strides = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 200 }));
const heads = fc.nat(12);

describe("segments", () => {
  it("attends, lists and counts the tokens of a segment that take part in a head", () => {
    fc.assert(
      fc.property(sizes, strides, heads, lengths, (size, stride, head, length) => {
        expectDefinition(
          segments(size, stride).bind({ length, head }),
          inSegments(size, stride, head % stride),
        );
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(sizes, strides, heads, lengths, rowRanges, (size, stride, head, length, rows) => {
        const { from, to } = rows(length);
        expectParts(segments(size, stride).bind({ length, head }), from, to);
      }),
    );
  });

  it("is a band of one block at stride 1, and differs by head otherwise", () => {
    expectDefinition(segments(6, 1).bind({ length: 40, head: 3 }), inBlockBand(6, 1));
    expect(segments(6, 1).perHead).toBe(false);
    expect([segments(6, 2).perHead, segments(6, 2).headPeriod]).toEqual([true, 2]);
  });

  it("has each position of a segment in exactly one of as many heads as the stride", () => {
    const rows = Array.from({ length: 4 }, (_, head) => segments(10, 4).bind({ length: 30, head }));
    for (let token = 0; token < 30; token++) {
      expect(rows.filter((bound) => bound.attends(token, token)).length).toBe(1);
    }
  });

  it("says what it is", () => {
    expect(segments(16, 4).text).toBe("segments(16, 4)");
  });
});
