import { type Assembler, each, ROUND, type Zmm, zmm } from "../../assembler/index.ts";
import { COEFFICIENTS } from "../../code/exp2.ts";

const LOG2_E = Math.fround(Math.LOG2E);
/** What of log₂ e float32 does not hold. */
const LOG2_E_REST = Math.LOG2E - LOG2_E;
/** e^x of anything less is 0. */
const LEAST = -200;

/** A register that holds x, and three that may be used. */
export interface Exponential {
  readonly x: Zmm;
  readonly product: Zmm;
  readonly fraction: Zmm;
  readonly power: Zmm;
}

/** Registers for four of them, from zmm(0) on: x of each comes first. */
export const FOUR: readonly Exponential[] = [0, 1, 2, 3].map((index) => ({
  x: zmm(index),
  product: zmm(4 + index),
  fraction: zmm(8 + index),
  power: zmm(12 + index),
}));

/**
 * power = e^x of several registers, x ≤ 88, by 2^(x·log₂ e). What float32 loses of that product would be a relative
 * error that grows with x: it is found by a fused multiplication, and put back into the fraction. NaN stays NaN.
 */
export function exponential(a: Assembler, all: readonly Exponential[]): void {
  // Of two numbers that are not ordered the second is taken: NaN.
  for (const { power } of all) a.vbroadcastss(power, a.constant(LEAST));
  for (const { x, power } of all) a.vmaxps(x, power, x);
  for (const { x, product } of all) a.vmulps(product, x, each(a.constant(LOG2_E)));
  for (const { product, power } of all) a.vmovups(power, product);
  for (const { x, power } of all) a.vfnmadd231ps(power, x, each(a.constant(LOG2_E)));
  for (const { x, power } of all) a.vfnmadd231ps(power, x, each(a.constant(LOG2_E_REST)));
  for (const { product, fraction } of all) a.vreduceps(fraction, product, ROUND.floor);
  for (const { fraction, power } of all) a.vsubps(fraction, fraction, power);
  const [first, ...others] = [...COEFFICIENTS].reverse();
  for (const { power } of all) a.vbroadcastss(power, a.constant(first));
  for (const coefficient of others) {
    for (const { fraction, power } of all) a.vfmadd213ps(power, fraction, each(a.constant(coefficient)));
  }
  for (const { product, power } of all) a.vscalefps(power, power, product);
}
