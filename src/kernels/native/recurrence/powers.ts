import { type Assembler, COMPARE, each, mask, ROUND, type Zmm, zmm } from "../assembler/index.ts";

/** ln 2 in two parts, of which the first has few digits. */
const LN_2 = { high: 0.693145751953125, low: 1.4286068203094173e-6 } as const;
/** e^r - 1 = r + r²·(1/2 + r·(1/6 + …)) of what is left, at most half of ln 2: relative error under 1e-8 before rounding. */
const REST = [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2] as const;
/** e^x of less is no normal number, and of more none at all. */
const LEAST = -87;
const MOST = 88;
/** From here on e^x is nearer to 1 than to 0. */
const HALF = -0.6875;

/** Registers that powers use. */
const [whole, rest, square, bound] = [zmm(24), zmm(25), zmm(26), zmm(27)];
const kept = mask(7);

/** e^x of `x` in its place, as if it were from -87 to 88; NaN stays NaN. */
export function exponential(a: Assembler, x: Zmm): void {
  a.vbroadcastss(bound, a.constant(LEAST));
  a.vmaxps(x, bound, x);
  a.vbroadcastss(bound, a.constant(MOST));
  a.vminps(x, bound, x);
  split(a, x);
  a.vaddps(rest, rest, each(a.constant(1)));
  a.vscalefps(x, rest, whole);
}

/** e^x of `x` ≤ 0 in its place: 1 of 0, 0 of less than -87, NaN of NaN. What is off has no side, so that a product of many does not drift. */
export function decay(a: Assembler, x: Zmm): void {
  a.vcmpps(kept, x, each(a.constant(LEAST)), COMPARE.notLessUnordered);
  a.vbroadcastss(bound, a.constant(LEAST));
  a.vmaxps(x, bound, x);
  split(a, x);
  a.vaddps(rest, rest, each(a.constant(1)));
  a.vscalefps(x, rest, whole, { mask: kept, zero: true });
}

/**
 * The same as a sum: `keep`, 1 or 0, and what is then left, in the place of `x`. A power that is near 1 has lost the digits
 * of what it lacks, on which it depends how long a state lasts.
 */
export function decayPair(a: Assembler, x: Zmm, keep: Zmm): void {
  const [near, log, power] = [mask(6), zmm(28), zmm(29)];
  a.vcmpps(near, x, each(a.constant(HALF)), COMPARE.greaterOrdered);
  a.vmovups(log, x);
  decay(a, x);
  a.vbroadcastss(bound, a.constant(LEAST));
  a.vmaxps(log, bound, log);
  split(a, log);
  a.vbroadcastss(bound, a.constant(1));
  a.vscalefps(power, bound, whole);
  a.vsubps(log, power, bound);
  a.vfmadd231ps(log, power, rest);
  a.vmovups(x, log, { mask: near });
  a.vmovups(keep, bound, { mask: near, zero: true });
}

/** The integer next to x / ln 2, and e^r - 1 of what is then left. x is lost. */
function split(a: Assembler, x: Zmm): void {
  a.vmulps(whole, x, each(a.constant(Math.LOG2E)));
  a.vrndscaleps(whole, whole, ROUND.nearest);
  a.vfnmadd231ps(x, whole, each(a.constant(LN_2.high)));
  a.vfnmadd231ps(x, whole, each(a.constant(LN_2.low)));
  const [first, ...others] = REST;
  a.vbroadcastss(rest, a.constant(first));
  for (const coefficient of others) a.vfmadd213ps(rest, x, each(a.constant(coefficient)));
  a.vmulps(square, x, x);
  a.vfmadd213ps(rest, square, x);
}
