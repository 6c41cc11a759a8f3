import {
  at,
  each,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { askForNextChunk, openNextChunk } from "./next-chunk.ts";
import { placed, type Site, subroutine, word } from "./site.ts";

/** When queries read, and what erases asks: before a token's decay or after it. */
export const VARIANTS = [
  { reads: "after", erases: null },
  { reads: "after", erases: "after" },
  { reads: "after", erases: "before" },
  { reads: "before", erases: null },
] as const;
/** Keys are brought to the end of the chunk, and nothing reads them. */
const UNREAD = { reads: null, erases: null } as const;
type Variant = (typeof VARIANTS)[number] | typeof UNREAD;

const earlier = mask(2);
/** Channels of a block of keys, which stay in registers from token to token, and sums of their products. */
const BLOCK = 16;
const keys = Array.from({ length: BLOCK }, (_, channel) => zmm(channel));
const ofQueries = [zmm(16), zmm(17), zmm(18), zmm(19)] as const;
const ofErasing = [zmm(20), zmm(21), zmm(22), zmm(23)] as const;
type Sums = typeof ofQueries | typeof ofErasing;

export const UNREAD_PAIRS = "unread_pairs";

/** The subroutine of a variant. */
export function pairsOf(index: number): string {
  return `channel_pairs_${index}`;
}

/**
 * Subroutines that multiply each key by the decays of all later tokens, channel by channel, one token after the other, so
 * that nothing but factors up to 1 is ever multiplied, and read it as each token finds it. A lane is a key: those of later
 * tokens are not multiplied yet, and what is read of them is not used.
 */
export function writeChannelPairs(site: Site): void {
  const { a, places } = site;
  const all: readonly (readonly [string, Variant])[] = [
    [UNREAD_PAIRS, UNREAD],
    ...VARIANTS.map((variant, index) => [pairsOf(index), variant] as const),
  ];
  for (const [name, variant] of all) {
    subroutine(a, name, () => {
      const { scores, erasing } = places.squares;
      a.vpxord(zmm(0), zmm(0), zmm(0));
      for (let token = 0; token < TOKENS; token++) {
        a.vmovupsStore(placed(scores, token * VECTOR), zmm(0));
        a.vmovupsStore(placed(erasing, token * VECTOR), zmm(0));
      }
      a.lea(rdi, placed(places.turned));
      a.lea(r8, placed(places.rows.queries));
      a.lea(r9, placed(places.rows.decays));
      a.lea(r10, placed(places.rows.keys));
      openNextChunk(site);
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        for (const [channel, key] of keys.entries()) a.vmovups(key, at(rdi, channel * VECTOR));
        a.lea(r11, placed(scores));
        a.xor(rax, rax);
        a.movImmediate(rdx, TOKENS);
        countDown(a, rdx, 1, () => oneToken(variant));
        for (const [channel, key] of keys.entries()) a.vmovupsStore(at(rdi, channel * VECTOR), key);
        for (const row of [r8, r9, r10]) a.add(row, number(VECTOR - TOKENS * places.row));
        a.add(rdi, number(TOKENS * VECTOR));
      });
    });
  }

  /** The token whose rows are at r8, r9 and r10; rax has a bit for each earlier one. */
  function oneToken({ reads, erases }: Variant): void {
    a.kmovw(earlier, rax);
    askForNextChunk(site);
    if (reads === "before") dot(r8, ofQueries);
    if (erases === "before") dot(r10, ofErasing);
    for (const [channel, key] of keys.entries()) {
      a.vmulps(key, key, each(at(r9, 4 * channel)), { mask: earlier });
    }
    if (reads === "after") dot(r8, ofQueries);
    if (erases === "after") dot(r10, ofErasing);
    if (reads !== null) addSums(ofQueries, 0);
    if (erases !== null) addSums(ofErasing, places.squares.erasing - places.squares.scores);
    for (const row of [r8, r9, r10]) a.add(row, number(places.row));
    a.add(r11, number(VECTOR));
    a.lea(rax, at(rax, 1, rax));
  }

  function dot(row: typeof r8, sums: Sums): void {
    for (const [channel, key] of keys.entries()) {
      const sum = sums[channel % sums.length];
      if (channel < sums.length) a.vmulps(sum, key, each(at(row, 4 * channel)));
      else a.vfmadd231ps(sum, key, each(at(row, 4 * channel)));
    }
  }

  function addSums([one, two, three, four]: Sums, beyond: number): void {
    a.vaddps(one, one, two);
    a.vaddps(three, three, four);
    a.vaddps(one, one, three);
    a.vaddps(one, one, at(r11, beyond));
    a.vmovupsStore(at(r11, beyond), one);
  }
}

/**
 * A subroutine for chunks whose tokens have one decay each: products of the rows at rsi with all turned keys, times the
 * shares of what is left of each key when a row reads it, to the square at rdi.
 */
export function writeTokenPairs(site: Site): void {
  const { a, places } = site;
  const key = zmm(16);
  const sums: readonly Zmm[] = Array.from({ length: TOKENS }, (_, token) => zmm(token));
  subroutine(a, "token_pairs", () => {
    for (const sum of sums) a.vpxord(sum, sum, sum);
    openNextChunk(site);
    a.lea(r8, placed(places.turned));
    a.mov(rcx, word("d"));
    countDown(a, rcx, 1, () => {
      askForNextChunk(site);
      a.vmovups(key, at(r8));
      for (const [token, sum] of sums.entries()) a.vfmadd231ps(sum, key, each(at(rsi, token * places.row)));
      a.add(rsi, number(4));
      a.add(r8, number(VECTOR));
    });
    for (const [token, sum] of sums.entries()) {
      a.vmulps(sum, sum, placed(places.squares.shares, token * VECTOR));
      a.vmovupsStore(at(rdi, token * VECTOR), sum);
    }
  });
}
