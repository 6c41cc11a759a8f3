import fc from "fast-check";
import { expect, it } from "vitest";
import type { Area } from "../../src/core/pattern.ts";
import { band } from "../../src/pattern/band.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { union } from "../../src/pattern/union.ts";
import {
  algebraWithDraws,
  blockColumns,
  cells,
  lengths,
  powers,
  rowRanges,
  segmentations,
  tokensFirst,
  windows,
} from "./arbitrary-patterns.ts";
import { expectRepeats } from "./brute-force.ts";

const shifts = fc.integer({ min: -40, max: 40 });

function areaOf(
  length: number,
  rows: typeof rowRanges extends fc.Arbitrary<infer R> ? R : never,
  keys: typeof rows,
): Area {
  const { from: rowFrom, to: rowTo } = rows(length);
  const { from: keyFrom, to: keyTo } = keys(length);
  return { rowFrom, rowTo, keyFrom, keyTo };
}

it("repeats along the diagonal wherever a pattern says so, whatever it is made of", () => {
  fc.assert(
    fc.property(
      algebraWithDraws,
      lengths,
      rowRanges,
      rowRanges,
      shifts,
      (pattern, length, rows, keys, by) => {
        expectRepeats(pattern.bind({ length, head: 0 }), areaOf(length, rows, keys), by);
      },
    ),
    { numRuns: 1000 },
  );
});

it.each([
  ["first tokens", tokensFirst],
  ["columns", blockColumns],
  ["powers of two", powers],
  ["segments", segmentations],
  ["windows of an image", windows],
  ["cells of an image", cells],
])("repeats along the diagonal wherever %s say so", (_, patterns) => {
  fc.assert(
    fc.property(patterns, lengths, rowRanges, rowRanges, shifts, ({ pattern }, length, rows, keys, by) => {
      expectRepeats(pattern.bind({ length, head: 0 }), areaOf(length, rows, keys), by);
    }),
    { numRuns: 300 },
  );
});

it("says so of a band beside global tokens, past them, and not among them", () => {
  const bound = union(band(5, 5), globalTokens(4)).bind({ length: 100, head: 0 });
  const past = { rowFrom: 10, rowTo: 20, keyFrom: 8, keyTo: 25 };
  expect(expectRepeats(bound, past, 7)).toBe(true);
  expect(expectRepeats(bound, past, -4)).toBe(true);
  expect(expectRepeats(bound, past, -5)).toBe(false);
  expect(expectRepeats(bound, { ...past, keyFrom: 3 }, 7)).toBe(false);
  expect(expectRepeats(bound, { ...past, rowFrom: 3 }, 7)).toBe(false);
});
