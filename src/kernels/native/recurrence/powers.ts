import { type Assembler, COMPARE, each, mask, ROUND, type Zmm, zmm } from "../assembler/index.ts";

/** log2 e, and what its float32 lacks. */
const LOG2_E = { high: Math.fround(Math.LOG2E), low: Math.LOG2E - Math.fround(Math.LOG2E) } as const;
/** 2^r - 1 = r·(c0 + r·(c1 + …)) of r from -1/2 to 1/2: relative error of 2^r under 2e-9 before rounding, and 1 of 0. */
const REST = [
  0.6931471824645996, 0.24022647738456726, 0.055503323674201965, 0.00961843691766262, 0.0013398873852565885,
  0.00015353361959569156,
] as const;
/** e^x of more is infinite. */
const BEYOND = 200;
/** From here on e^x is nearer to 1 than to 0. */
const HALF = -0.6875;

/** Registers that powers use. */
const [whole, rest, off] = [zmm(24), zmm(25), zmm(26)];

/**
 * e^x of `x` in its place: 0 and infinity where a float32 has no more room, NaN of NaN. Digits of x that its multiple of
 * log2 e has no room for are taken along.
 */
export function exponential(a: Assembler, x: Zmm): void {
  a.vbroadcastss(off, a.constant(-BEYOND));
  a.vmaxps(x, off, x);
  a.vbroadcastss(off, a.constant(BEYOND));
  a.vminps(x, off, x);
  a.vmulps(whole, x, each(a.constant(LOG2_E.high)));
  a.vmovups(off, whole);
  a.vfnmadd231ps(off, x, each(a.constant(LOG2_E.high)));
  a.vfnmadd231ps(off, x, each(a.constant(LOG2_E.low)));
  a.vreduceps(x, whole, ROUND.nearest);
  a.vsubps(whole, whole, x);
  a.vsubps(x, x, off);
  finish(a, x);
}

/**
 * e^x of `x` ≤ 0 in its place: 1 of 0, 0 of -Infinity, NaN of NaN. What rounding leaves off has no side, so that a product
 * of many does not drift; of a large x it is as much as if x were rounded once more.
 */
export function decay(a: Assembler, x: Zmm): void {
  split(a, x);
  finish(a, x);
}

/**
 * The same as a sum: `keep`, 1 or 0, and what is then left, in the place of `x`. A power that is near 1 has lost the digits
 * of what it lacks, on which it depends how long a state lasts.
 */
export function decayPair(a: Assembler, x: Zmm, keep: Zmm): void {
  const [near, one] = [mask(6), zmm(28)];
  a.vcmpps(near, x, each(a.constant(HALF)), COMPARE.greaterOrdered);
  split(a, x);
  fraction(a, x);
  a.vbroadcastss(one, a.constant(1));
  a.vmovups(keep, one, { mask: near, zero: true });
  a.vscalefps(one, one, whole);
  a.vsubps(x, one, keep);
  a.vfmadd231ps(x, one, rest);
}

/** The integer next to x / ln 2, and in the place of x what is then left of that. */
function split(a: Assembler, x: Zmm): void {
  a.vmulps(whole, x, each(a.constant(LOG2_E.high)));
  a.vreduceps(x, whole, ROUND.nearest);
  a.vsubps(whole, whole, x);
}

function finish(a: Assembler, x: Zmm): void {
  fraction(a, x);
  a.vaddps(rest, rest, each(a.constant(1)));
  a.vscalefps(x, rest, whole);
}

/** 2^x - 1. */
function fraction(a: Assembler, x: Zmm): void {
  const [first, ...others] = [...REST].reverse();
  a.vbroadcastss(rest, a.constant(first));
  for (const coefficient of others) a.vfmadd213ps(rest, x, each(a.constant(coefficient)));
  a.vmulps(rest, rest, x);
}
