import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { bigbird } from "../../variants/sparse/bigbird.ts";
import {
  type Definition,
  expectDefinition,
  inAny,
  inBlockBand,
  inComb,
  inGlobalBlocks,
} from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf } from "./bound-variant.ts";

const lengths = fc.integer({ min: 1, max: 120 });
const blocks = fc.integer({ min: 1, max: 20 });
const amounts = fc.oneof(fc.constant(0), fc.nat(6));

interface Parts {
  block: number;
  window: number;
  global: number;
  stride: number;
}

/** All of BigBird but the draw, from the definitions. */
function fixedPart({ block, window, global, stride }: Parts): Definition {
  const parts: Definition[] = [];
  if (window > 0) parts.push(inBlockBand(block, window));
  if (global > 0) parts.push(inGlobalBlocks(block, global));
  if (stride > 0) parts.push(inComb(stride, Number.POSITIVE_INFINITY));
  return inAny(parts);
}

describe("bigbird", () => {
  it("has blocks of 64, a band of 3, 1 global block at each end, 3 random ones and no stride", () => {
    expect(defaultsOf(bigbird)).toEqual({ block: 64, window: 3, global: 1, random: 3, stride: 0, seed: 0 });
  });

  it("without the draw is block band ∪ global blocks ∪ stride, a part set to 0 left out", () => {
    const parts = fc.record({ block: blocks, window: amounts, global: amounts, stride: amounts });
    fc.assert(
      fc.property(parts, lengths, (chosen, length) => {
        fc.pre(chosen.window + chosen.global + chosen.stride > 0);
        expectDefinition(bindVariant(bigbird, { ...chosen, random: 0 }, length), fixedPart(chosen));
      }),
    );
  });

  it("by default adds exactly 3 whole uncovered blocks a row of blocks, or all that are left", () => {
    const fixed = fixedPart({ block: 64, window: 3, global: 1, stride: 0 });
    for (const length of [1, 64, 300, 513, 1000]) {
      for (const head of [0, 1]) {
        const bound = bindVariant(bigbird, {}, length, head);
        const count = Math.ceil(length / 64);
        for (let query = 0; query < length; query += 63) {
          // Blocks that the fixed part leaves a row are covered nowhere in its block: all of it is made of blocks.
          const starts = Array.from({ length: count }, (_, index) => index * 64);
          const left = starts.filter((key) => !fixed(query, key, length));
          const drawn = left.filter((key) => bound.attends(query, key));
          expect(drawn.length).toBe(Math.min(3, left.length));
          for (let key = 0; key < length; key++) {
            const expected = fixed(query, key, length) || drawn.includes(key - (key % 64));
            expect(bound.attends(query, key)).toBe(expected);
          }
        }
      }
    }
  });

  it("with a stride draws only what the stride, too, leaves", () => {
    const length = 97;
    const parts = { block: 1, window: 1, global: 1, stride: 2 };
    const fixed = fixedPart(parts);
    const bound = bindVariant(bigbird, { ...parts, random: 5 }, length);
    for (let query = 1; query < length - 1; query++) {
      const keys = Array.from({ length }, (_, key) => key).filter((key) => bound.attends(query, key));
      expect(keys.filter((key) => !fixed(query, key, length)).length).toBe(5);
    }
  });

  it("differs by head and by seed only where it draws", () => {
    const rows = (overrides: Record<string, number>, head: number): string => {
      const bound = bindVariant(bigbird, { block: 4, ...overrides }, 400, head);
      return JSON.stringify(Array.from({ length: 400 }, (_, query) => bound.intervals(query)));
    };
    expect(rows({}, 0)).toBe(rows({}, 0));
    expect(rows({}, 0)).not.toBe(rows({}, 1));
    expect(rows({ seed: 1 }, 0)).not.toBe(rows({}, 0));
    expect(rows({ random: 0 }, 0)).toBe(rows({ random: 0, seed: 1 }, 1));
  });

  it("is refused with no part left", () => {
    const nothing = { window: 0, global: 0, random: 0, stride: 0 };
    expect(() => bindVariant(bigbird, nothing, 10)).toThrow(UsageError);
    expect(() => bindVariant(bigbird, nothing, 10)).toThrow(/at least one part/);
  });
});
