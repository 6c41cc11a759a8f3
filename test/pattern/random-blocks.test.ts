import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BoundPattern, Pattern } from "../../src/core/pattern.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { comb } from "../../src/pattern/comb.ts";
import { globalBlocks } from "../../src/pattern/global-blocks.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { union } from "../../src/pattern/union.ts";
import { chiSquare, chiSquare999 } from "../core/chi-square.ts";
import { algebra, combs, type Draw, draws, lengths, rowRanges, type Stated } from "./arbitrary-patterns.ts";
import { type Definition, expectDefinition, expectParts, inAny } from "./brute-force.ts";

/** The tokens of block `index`. */
function tokensOf(index: number, block: number, length: number): number[] {
  const from = index * block;
  return Array.from({ length: Math.min(block, length - from) }, (_, offset) => from + offset);
}

/** The key blocks of which every pair with a query block holds. */
function wholeBlocks(holds: Definition, queryBlock: number, block: number, length: number): Set<number> {
  const whole = new Set<number>();
  for (let index = 0; index < Math.ceil(length / block); index++) {
    const all = tokensOf(queryBlock, block, length).every((query) =>
      tokensOf(index, block, length).every((key) => holds(query, key, length)),
    );
    if (all) whole.add(index);
  }
  return whole;
}

/**
 * Holds `rest ∪ randomBlocks(draw)` to its definition: what it attends beyond the rest is whole blocks, none of them
 * covered by the rest before, `count` a block of queries or all that were left.
 */
function expectDrawn(bound: BoundPattern, rest: Definition, { block, count }: Omit<Draw, "seed">): void {
  const { length } = bound;
  const blocks = Math.ceil(length / block);
  for (let queryBlock = 0; queryBlock < blocks; queryBlock++) {
    const covered = wholeBlocks(rest, queryBlock, block, length);
    const whole = wholeBlocks(bound.attends, queryBlock, block, length);
    const drawn = whole.difference(covered);
    expect({ queryBlock, drawn: drawn.size }).toEqual({
      queryBlock,
      drawn: Math.min(count, blocks - covered.size),
    });
    for (const query of tokensOf(queryBlock, block, length)) {
      for (let key = 0; key < length; key++) {
        const expected = rest(query, key, length) || drawn.has(Math.floor(key / block));
        if (bound.attends(query, key) !== expected) expect({ query, key }).toEqual("attended as defined");
      }
    }
  }
}

/** Puts the pattern in the middle of unions of fixed parts, one within another. */
function nest(inner: Pattern, around: readonly Stated[]): Pattern {
  return around.reduce(
    (nested, { pattern }, at) => (at % 2 === 0 ? union(nested, pattern) : union(pattern, nested)),
    inner,
  );
}

const nothing: Definition = () => false;

describe("randomBlocks", () => {
  it("draws distinct whole blocks, count a block of queries or all that there are", () => {
    fc.assert(
      fc.property(draws, lengths, fc.nat(7), (draw, length, head) => {
        const bound = randomBlocks(draw.block, draw.count, draw.seed).bind({ length, head });
        expectDrawn(bound, nothing, draw);
      }),
    );
  });

  it("draws only blocks that the rest of the union leaves, however the union is nested", () => {
    const around = fc.array(algebra, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(around, draws, lengths, fc.nat(7), (parts, draw, length, head) => {
        const pattern = nest(randomBlocks(draw.block, draw.count, draw.seed), parts);
        const rest = inAny(parts.map((part) => part.definition));
        expectDrawn(pattern.bind({ length, head }), rest, draw);
      }),
      { numRuns: 200 },
    );
  });

  it("counts a block as covered where several combs cover it only together", () => {
    const teeth = fc.array(combs, { minLength: 2, maxLength: 5 });
    const small = fc.record({
      block: fc.integer({ min: 1, max: 3 }),
      count: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(teeth, small, fc.integer({ min: 1, max: 40 }), (parts, draw, length) => {
        const pattern = union(...parts.map((part) => part.pattern), randomBlocks(draw.block, draw.count, 5));
        const rest = inAny(parts.map((part) => part.definition));
        expectDrawn(pattern.bind({ length, head: 0 }), rest, draw);
      }),
    );
    // Distances 3, 4 and 5 between two blocks of two, then 4 and 3 between one and a last block of a single token.
    const covers: readonly [
      strides: readonly number[],
      length: number,
      queryBlock: number,
      keyBlock: number,
    ][] = [
      [[2, 3, 5], 12, 2, 0],
      [[2, 3], 5, 0, 2],
    ];
    for (const [strides, length, queryBlock, keyBlock] of covers) {
      const together = union(...strides.map((stride) => comb(stride)));
      const rest = together.bind({ length, head: 0 }).attends;
      expect([...wholeBlocks(rest, queryBlock, 2, length)]).toContain(keyBlock);
      for (let head = 0; head < 20; head++) {
        const bound = union(together, randomBlocks(2, 2, 0)).bind({ length, head });
        expectDrawn(bound, rest, { block: 2, count: 2 });
      }
    }
  });

  it("draws on where an earlier draw of the same union left off, so that no block is drawn twice", () => {
    fc.assert(
      fc.property(draws, fc.integer({ min: 1, max: 5 }), fc.nat(), lengths, (first, count, seed, length) => {
        const one = randomBlocks(first.block, first.count, first.seed);
        const both = union(one, randomBlocks(first.block, count, seed)).bind({ length, head: 0 });
        expectDrawn(both, one.bind({ length, head: 0 }).attends, { block: first.block, count });
      }),
    );
  });

  it("attends, lists and counts the same pairs, and summarises any rows soundly", () => {
    fc.assert(
      fc.property(draws, lengths, rowRanges, ({ block, count, seed }, length, rows) => {
        const bound = randomBlocks(block, count, seed).bind({ length, head: 0 });
        const { from, to } = rows(length);
        expectDefinition(bound, bound.attends);
        expectParts(bound, from, to);
      }),
    );
  });

  it("gives the short last block of queries its whole count, and draws the short last block of keys whole", () => {
    const bound = randomBlocks(8, 2, 3).bind({ length: 61, head: 0 });
    for (const query of [56, 60]) {
      expect(bound.intervals(query)).toEqual(bound.intervals(57));
    }
    const drawsOfLast = Array.from({ length: 50 }, (_, head) =>
      randomBlocks(8, 2, 3).bind({ length: 61, head }),
    );
    const seen = drawsOfLast.filter((head) => head.attends(0, 60));
    expect(seen.length).toBeGreaterThan(0);
    for (const head of seen) expect(head.attends(0, 56)).toBe(true);
  });

  it("draws the same for the same seed and head, in whatever order rows are asked for", () => {
    fc.assert(
      fc.property(draws, lengths, fc.nat(7), ({ block, count, seed }, length, head) => {
        const forwards = randomBlocks(block, count, seed).bind({ length, head });
        const backwards = randomBlocks(block, count, seed).bind({ length, head });
        for (let query = length - 1; query >= 0; query--) backwards.intervals(query);
        for (let query = 0; query < length; query++) {
          expect(String(forwards.intervals(query))).toBe(String(backwards.intervals(query)));
        }
      }),
    );
  });

  it("draws otherwise for another head, seed or block of queries", () => {
    const length = 512;
    const texts = (head: number, seed: number): string[] => {
      const bound = randomBlocks(4, 3, seed).bind({ length, head });
      return Array.from({ length: length / 4 }, (_, index) => String(bound.intervals(index * 4)));
    };
    const [base, otherHead, otherSeed] = [texts(0, 0), texts(1, 0), texts(0, 1)];
    // Of 128 rows of blocks each draws one of C(128, 3) = 341 376 sets: two equal ones are expected 0.0004 times.
    for (const other of [otherHead, otherSeed]) {
      expect(base.filter((text, index) => text === other[index])).toEqual([]);
    }
    expect(new Set(base).size).toBeGreaterThan(120);
    // Nor is one the other moved along: head, seed and block are no sum.
    for (const other of [otherHead, otherSeed]) {
      expect(base.slice(1).filter((text, index) => text === other[index])).toEqual([]);
    }
    expect(otherHead.filter((text, index) => text === otherSeed[index])).toEqual([]);
  });
});

describe("the draw of random blocks is uniform", () => {
  const HEADS = 4000;
  /** Ten blocks, of which the row of block 5 has 0, 4, 5, 6 and 9 covered and 1, 2, 3, 7 and 8 left. */
  const length = 40;
  const free = [1, 2, 3, 7, 8];
  const around = [blockBand(4, 3), globalBlocks(4, 1)];
  const drawnFrom = (pattern: Pattern, head: number): number[] => {
    const bound = pattern.bind({ length, head });
    return free.filter((index) => bound.attends(20, index * 4));
  };
  const countOf = (outcomes: readonly string[], names: readonly string[]): number[] => {
    for (const outcome of outcomes) expect(names).toContain(outcome);
    return names.map((name) => outcomes.filter((outcome) => outcome === name).length);
  };
  const pairsOfFree = free.flatMap((a) => free.filter((b) => b > a).map((b) => `${a},${b}`));

  it("over the pairs of free blocks, from head to head", () => {
    const pattern = union(...around, randomBlocks(4, 2, 11));
    const outcomes = Array.from({ length: HEADS }, (_, head) => String(drawnFrom(pattern, head)));
    expect(chiSquare(countOf(outcomes, pairsOfFree))).toBeLessThan(chiSquare999(pairsOfFree.length - 1));
  });

  it("over the pairs of free blocks, from seed to seed", () => {
    const outcomes = Array.from({ length: HEADS }, (_, seed) =>
      String(drawnFrom(union(...around, randomBlocks(4, 2, seed)), 0)),
    );
    expect(chiSquare(countOf(outcomes, pairsOfFree))).toBeLessThan(chiSquare999(pairsOfFree.length - 1));
  });

  it("over all blocks, from one block of queries to the next", () => {
    const blocks = 1000;
    const bound = randomBlocks(2, 1, 7).bind({ length: 2 * blocks, head: 0 });
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < blocks; index++) {
      const [from] = bound.intervals(2 * index);
      counts[Math.floor(from / 2 / (blocks / 10))]++;
    }
    expect(chiSquare(counts)).toBeLessThan(chiSquare999(9));
  });

  it("and independent between neighbouring heads", () => {
    const pattern = union(...around, randomBlocks(4, 1, 23));
    // Pairs of heads that share none with the next pair, or the statistic would not be a chi-square.
    const outcomes = Array.from(
      { length: HEADS },
      (_, pair) => `${drawnFrom(pattern, 2 * pair)} then ${drawnFrom(pattern, 2 * pair + 1)}`,
    );
    const names = free.flatMap((a) => free.map((b) => `${a} then ${b}`));
    expect(chiSquare(countOf(outcomes, names))).toBeLessThan(chiSquare999(names.length - 1));
  });
});
