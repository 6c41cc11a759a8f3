import { type Assembler, each, ROUND, type Zmm } from "../assembler/index.ts";

/**
 * 2^f for f in [0, 1), fitted for the least relative error in float32: c0 + f·(c1 + f·(…)). Relative error
 * 1.8e-7 together with all roundings.
 */
export const COEFFICIENTS = [
  0.9999999403953552, 0.6931530833244324, 0.24015361070632935, 0.05582631751894951, 0.00898933969438076,
  0.0018775766948238015,
] as const;

/** A register that holds x, and two that may be used. */
export interface Exponent {
  readonly x: Zmm;
  readonly fraction: Zmm;
  readonly power: Zmm;
}

/**
 * x = 2^x of several registers, written side by side so that the processor has several chains to work on. 2^x =
 * 2^⌊x⌋ · 2^f, f = x − ⌊x⌋. `vscalefps` gives 0 below the least float and for −∞, infinity beyond the greatest,
 * and NaN stays NaN: nothing is clamped.
 */
export function exp2(a: Assembler, all: readonly Exponent[]): void {
  for (const { x, fraction } of all) a.vreduceps(fraction, x, ROUND.floor);
  const [first, ...others] = [...COEFFICIENTS].reverse();
  for (const { power } of all) a.vbroadcastss(power, a.constant(first));
  for (const coefficient of others) {
    for (const { fraction, power } of all) a.vfmadd213ps(power, fraction, each(a.constant(coefficient)));
  }
  for (const { x, power } of all) a.vscalefps(x, power, x);
}
