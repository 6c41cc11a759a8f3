import { describe, expect, it } from "vitest";
import type { BoundPattern, Pattern } from "../../src/core/pattern.ts";
import { axisCells, axisWindow } from "../../src/pattern/axis.ts";
import { band, everything } from "../../src/pattern/band.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { columns } from "../../src/pattern/columns.ts";
import { comb } from "../../src/pattern/comb.ts";
import { firstTokens } from "../../src/pattern/first-tokens.ts";
import { globalBlocks } from "../../src/pattern/global-blocks.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { grid } from "../../src/pattern/grid.ts";
import { powersOfTwo } from "../../src/pattern/powers-of-two.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { segments } from "../../src/pattern/segments.ts";
import { union } from "../../src/pattern/union.ts";

const N = 2 ** 20;
const bind = (pattern: Pattern): BoundPattern => pattern.bind({ length: N, head: 0 });
const exactPairs = (pattern: Pattern): bigint => BigInt(bind(pattern).pairs());

/** Pairs on the diagonals of a square of `size` tokens at the distances that `keeps`: what a translation leaves alone. */
function diagonalPairs(size: number, keeps: (distance: number) => boolean): bigint {
  let pairs = 0n;
  for (let distance = 0; distance < size; distance++) {
    if (keeps(distance)) pairs += BigInt(size - distance);
  }
  return pairs;
}

const square = (side: number): bigint => BigInt(side) ** 2n;
const triangle = (side: number): bigint => (BigInt(side) * BigInt(side + 1)) / 2n;

describe("at 1 048 576 tokens, counted by diagonals in big integers", () => {
  it("every primitive has its exact number of pairs", () => {
    const near = diagonalPairs(N, (distance) => distance <= 128);
    expect(exactPairs(everything())).toBe(square(N));
    expect(exactPairs(band(128, 128))).toBe(2n * near - BigInt(N));
    expect(exactPairs(band(128, 0))).toBe(near);
    const teeth = diagonalPairs(N, (distance) => distance % 64 === 0);
    expect(exactPairs(comb(64))).toBe(2n * teeth - BigInt(N));
    const nearTeeth = diagonalPairs(N, (distance) => distance % 63 === 0 && distance <= 1000);
    expect(exactPairs(comb(63, 1000))).toBe(2n * nearTeeth - BigInt(N));
    expect(exactPairs(globalTokens(16))).toBe(square(N) - square(N - 16));
    const blocks = N / 64;
    expect(exactPairs(blockBand(64, 3))).toBe(square(64) * BigInt(3 * blocks - 2));
    expect(exactPairs(globalBlocks(64, 1))).toBe(square(N) - square(N - 128));
    // 1 048 576 = 99 · 10 591 + 67: the last block is short.
    expect(exactPairs(globalBlocks(99, 1))).toBe(square(N) - square(N - 99 - 67));
    expect(exactPairs(blockBand(99, 3))).toBe(
      square(99) * BigInt(3 * 10_591 - 2) + 2n * 99n * 67n + square(67),
    );
    expect(exactPairs(randomBlocks(64, 3, 0))).toBe(square(64) * BigInt(3 * blocks));
  });

  it("so do columns, powers of two, segments and windows of an image", () => {
    expect(exactPairs(firstTokens(5))).toBe(5n * BigInt(N));
    // 1 048 576 = 99 · 10 591 + 67: the last block has 8 of its 40 columns.
    expect(exactPairs(columns(99, 40))).toBe(BigInt(N) * (40n * 10_591n + 8n));
    const powers = diagonalPairs(N, (distance) => Number.isInteger(Math.log2(distance)));
    expect(exactPairs(powersOfTwo())).toBe(2n * powers + BigInt(N));
    expect(exactPairs(segments(1024, 16))).toBe(BigInt(N / 1024) * square(64));
    const window = axisWindow(7, 1, "clamp");
    expect(exactPairs(grid(1024, window, window, { wholeRows: true }))).toBe(49n * BigInt(N));
    const cell = axisCells(7, 3);
    // 1024 = 3 + 7 · 145 + 6.
    const squares = 9n + 49n * 145n + 36n;
    expect(exactPairs(grid(1024, cell, cell, { wholeRows: false }))).toBe(squares ** 2n);
  });

  it("a union of band, comb and global tokens counts each pair once", () => {
    const tokens = 16;
    const rest = N - tokens;
    const beyond = diagonalPairs(rest, (distance) => distance <= 128 || distance % 64 === 0);
    const whole = union(band(128, 128), comb(64), globalTokens(tokens));
    expect(exactPairs(whole)).toBe(square(N) - square(rest) + 2n * beyond - BigInt(rest));
    expect(exactPairs(causal(whole))).toBe(triangle(N) - triangle(rest) + beyond);
  });

  it("a union of combs of different strides and reaches counts each pair once", () => {
    const pattern = union(comb(64), comb(96, 100_000), comb(7, 500), band(20, 20));
    const kept = diagonalPairs(
      N,
      (distance) =>
        distance % 64 === 0 ||
        (distance % 96 === 0 && distance <= 100_000) ||
        (distance % 7 === 0 && distance <= 500) ||
        distance <= 20,
    );
    expect(exactPairs(pattern)).toBe(2n * kept - BigInt(N));
    expect(exactPairs(causal(pattern))).toBe(kept);
  });

  it("a union of block band, global and random blocks counts each pair once", () => {
    const blocks = N / 64;
    const pattern = union(blockBand(64, 3), globalBlocks(64, 1), randomBlocks(64, 3, 0));
    // Rows of blocks: two see all; two next to an end see 4 fixed and 3 drawn; the rest 5 fixed and 3 drawn.
    expect(exactPairs(pattern)).toBe(square(64) * BigInt(2 * blocks + 2 * 7 + (blocks - 4) * 8));
  });

  it("the rows at both ends are as short sequences have them", () => {
    expect(bind(band(128, 128)).intervals(0)).toEqual([0, 129]);
    expect(bind(band(128, 128)).intervals(N - 1)).toEqual([N - 129, N]);
    expect(bind(blockBand(64, 3)).intervals(0)).toEqual([0, 128]);
    expect(bind(blockBand(64, 3)).intervals(N - 1)).toEqual([N - 128, N]);
    expect(bind(globalTokens(16)).intervals(N - 1)).toEqual([0, 16]);
    expect(bind(globalBlocks(64, 1)).intervals(N / 2)).toEqual([0, 64, N - 64, N]);
    expect(bind(causal(everything())).intervals(0)).toEqual([0, 1]);
    expect(bind(causal(everything())).intervals(N - 1)).toEqual([0, N]);
    expect(bind(comb(2 ** 18)).intervals(0)).toEqual(
      [0, 1, 2, 3].flatMap((tooth) => [tooth * 2 ** 18, tooth * 2 ** 18 + 1]),
    );
    expect(bind(comb(64, 128)).intervals(N - 1)).toEqual([N - 129, N - 128, N - 65, N - 64, N - 1, N]);
  });
});
