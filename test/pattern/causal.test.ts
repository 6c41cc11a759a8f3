import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everything } from "../../src/pattern/band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { comb } from "../../src/pattern/comb.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { union } from "../../src/pattern/union.ts";
import { algebra, algebraWithDraws, draws, lengths, rowRanges } from "./arbitrary-patterns.ts";
import { expectDefinition, expectParts, inPast } from "./brute-force.ts";

describe("causal", () => {
  it("keeps the keys up to the query, whatever it cuts", () => {
    fc.assert(
      fc.property(algebra, lengths, rowRanges, ({ pattern, definition }, length, rows) => {
        const bound = causal(pattern).bind({ length, head: 0 });
        const { from, to } = rows(length);
        expectDefinition(bound, inPast(definition));
        expectParts(bound, from, to);
      }),
    );
  });

  it("cuts after the draw: what is left of random blocks is the past of the uncut ones", () => {
    fc.assert(
      fc.property(algebra, draws, lengths, fc.nat(5), ({ pattern }, { block, count, seed }, length, head) => {
        const whole = union(pattern, randomBlocks(block, count, seed));
        const uncut = whole.bind({ length, head });
        expectDefinition(causal(whole).bind({ length, head }), inPast(uncut.attends));
      }),
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(algebraWithDraws, lengths, (pattern, length) => {
        const once = causal(pattern).bind({ length, head: 0 });
        expectDefinition(causal(causal(pattern)).bind({ length, head: 0 }), once.attends);
      }),
      { numRuns: 30 },
    );
  });

  it("gives row i of a sequence as row i of any longer one, where the pattern looks at no length", () => {
    fc.assert(
      fc.property(lengths, lengths, fc.integer({ min: 2, max: 9 }), (one, other, stride) => {
        const pattern = causal(comb(stride));
        const shorter = pattern.bind({ length: Math.min(one, other), head: 0 });
        const longer = pattern.bind({ length: Math.max(one, other), head: 0 });
        for (let query = 0; query < shorter.length; query++) {
          expect(longer.intervals(query)).toEqual(shorter.intervals(query));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("counts a triangle of everything", () => {
    expect(causal(everything()).bind({ length: 1000, head: 0 }).pairs()).toBe(500_500);
    expect(causal(comb(4)).text).toBe("causal(comb(4))");
  });

  it("passes on whether heads differ", () => {
    expect(causal(randomBlocks(4, 1, 0))).toMatchObject({ perHead: true, drawsFromRest: true });
    expect(causal(everything())).toMatchObject({ perHead: false, drawsFromRest: false });
  });
});
