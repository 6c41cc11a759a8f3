import {
  type Assembler,
  at,
  COMPARE_INTEGERS,
  type Gpr,
  type Mask,
  mask,
  rcx,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { LANES, VECTORS } from "./layout.ts";

/** Masks of a chunk's vectors: lanes that are tokens. */
export const TOKENS: readonly Mask[] = Array.from({ length: VECTORS }, (_, vector) => mask(vector + 1));

/** Sets them for `count` tokens. Uses zmm31. */
export function tokenMasks(a: Assembler, count: Gpr): void {
  a.vpbroadcastd(zmm(31), count);
  for (const [vector, lanes] of TOKENS.entries()) {
    const numbers = Array.from({ length: LANES }, (_, index) => LANES * vector + index);
    a.vpcmpd(lanes, zmm(31), a.words(numbers), COMPARE_INTEGERS.greater);
  }
}

/** The first `count` lanes, 0 to 16. Uses rcx. */
export function firstLanes(a: Assembler, to: Mask, count: Gpr): void {
  a.lea(rcx, a.words(Array.from({ length: LANES + 1 }, (_, lanes) => 2 ** lanes - 1)));
  a.kmovwLoad(to, at(rcx, 0, count, 4));
}

/** How lanes that are merged become one. */
export type Merge = (to: Zmm, one: Zmm, other: Zmm) => void;

/**
 * 16 vectors, whose lanes are merged, one vector each, into the lanes of the first. Uses zmm(16) to zmm(19), and all
 * that are merged: pairs within 128 bits, fours, then the 128-bit parts.
 */
export function mergeLanes(a: Assembler, merge: Merge): void {
  const r = Array.from({ length: LANES }, (_, index) => zmm(index));
  const [low, high] = [zmm(16), zmm(17)];
  const step = (to: Zmm, split: () => void): void => {
    split();
    merge(to, low, high);
  };
  for (let pair = 0; pair < 8; pair++) {
    const [one, other] = [r[2 * pair], r[2 * pair + 1]];
    step(r[pair], () => {
      a.vunpcklps(low, one, other);
      a.vunpckhps(high, one, other);
    });
  }
  for (let four = 0; four < 4; four++) {
    const [one, other] = [r[2 * four], r[2 * four + 1]];
    step(r[four], () => {
      a.vunpcklpd(low, one, other);
      a.vunpckhpd(high, one, other);
    });
  }
  for (const count of [2, 1]) {
    for (let half = 0; half < count; half++) {
      const [one, other] = [r[2 * half], r[2 * half + 1]];
      step(r[half], () => {
        a.vshuff32x4(low, one, other, 0x88);
        a.vshuff32x4(high, one, other, 0xdd);
      });
    }
  }
}
