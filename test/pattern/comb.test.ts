import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comb } from "../../src/pattern/comb.ts";
import { combs, lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts } from "./brute-force.ts";

describe("comb", () => {
  it("attends, lists and counts every stride-th key counted from the query, within reach", () => {
    fc.assert(
      fc.property(combs, lengths, ({ pattern, definition }, length) => {
        expectDefinition(pattern.bind({ length, head: 0 }), definition);
      }),
    );
  });

  it("summarises any rows soundly", () => {
    fc.assert(
      fc.property(combs, lengths, rowRanges, ({ pattern }, length, rows) => {
        const { from, to } = rows(length);
        expectParts(pattern.bind({ length, head: 0 }), from, to);
      }),
    );
  });

  it("has no runs, so that schedules see its keys once, as a comb", () => {
    const bound = comb(4, 9).bind({ length: 40, head: 0 });
    expect(bound.combs).toEqual([{ stride: 4, left: 9, right: 9 }]);
    expect(bound.runs(20)).toEqual([]);
    expect(bound.someRuns(0, 40)).toEqual([]);
  });

  it("is a contiguous run, and no comb, at stride 1", () => {
    const bound = comb(1, 3).bind({ length: 40, head: 0 });
    expect(bound.combs).toEqual([]);
    expect(bound.runs(20)).toEqual([17, 24]);
    expect(comb(1).bind({ length: 40, head: 0 }).pairs()).toBe(1600);
  });

  it("says what it is", () => {
    expect(comb(4).text).toBe("comb(4)");
    expect(comb(1).text).toBe("comb(1)");
    expect(comb(4, 9).text).toBe("comb(4, 9)");
  });
});
