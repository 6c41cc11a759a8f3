import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullPairs, fullRowPairs } from "../../src/core/work.ts";
import { band, everything } from "../../src/pattern/band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { comb } from "../../src/pattern/comb.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { union } from "../../src/pattern/union.ts";
import { within } from "../../src/pattern/within.ts";
import { refusal } from "../input/refusal.ts";
import { algebra, draws, lengths, masks, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts, expectRepeats, inMask } from "./brute-force.ts";

describe("within", () => {
  it("keeps the keys that the mask leaves, whatever it cuts", () => {
    fc.assert(
      fc.property(algebra, masks, lengths, rowRanges, ({ pattern, definition }, mask, length, rows) => {
        const bound = within(pattern, mask).bind({ length, head: 0 });
        const { from, to } = rows(length);
        expectDefinition(bound, inMask(definition, mask));
        expectParts(bound, from, to);
      }),
    );
  });

  it("cuts after the draw", () => {
    fc.assert(
      fc.property(algebra, draws, masks, lengths, ({ pattern }, { block, count, seed }, mask, length) => {
        const whole = union(pattern, randomBlocks(block, count, seed));
        const uncut = whole.bind({ length, head: 1 });
        expectDefinition(within(whole, mask).bind({ length, head: 1 }), inMask(uncut.attends, mask));
      }),
      { numRuns: 50 },
    );
  });

  it("repeats along the diagonal only where padding does not reach", () => {
    const padded = within(band(3, 3), { left: null, right: null, from: 10, to: 90 });
    const bound = padded.bind({ length: 100, head: 0 });
    const at = (from: number, to: number) => ({ rowFrom: from, rowTo: to, keyFrom: from, keyTo: to });
    expect(expectRepeats(bound, at(20, 30), 15)).toBe(true);
    expect(expectRepeats(bound, at(5, 20), 15)).toBe(false);
    expect(expectRepeats(bound, at(60, 80), 15)).toBe(false);
  });

  it("is a window where it cuts everything, and counts full attention's pairs under the mask", () => {
    fc.assert(
      fc.property(masks, lengths, fc.boolean(), (mask, length, past) => {
        const pattern = within(everything(), mask);
        const bound = (past ? causal(pattern) : pattern).bind({ length, head: 0 });
        expect(fullPairs({ length, queries: length }, past, mask)).toBe(bound.pairs());
        const [, keys] = bound.intervals(length - 1);
        const [first = 0] = bound.intervals(length - 1);
        expect(fullRowPairs(length - 1, length, past, mask)).toBe((keys ?? 0) - first);
      }),
    );
  });

  it("says what it is, and refuses what leaves no key", () => {
    const mask = { left: 7, right: 0, from: 3, to: null };
    expect(within(comb(4), mask).text).toBe("within(comb(4), left=7,right=0,from=3)");
    expect(refusal(() => within(comb(4), { ...mask, to: 3 }))).toBe(
      "mask: must leave a key, got from 3 to 3",
    );
    expect(refusal(() => within(comb(4), { ...mask, left: Number.NaN }))).toContain(
      "left must be an integer",
    );
  });
});
