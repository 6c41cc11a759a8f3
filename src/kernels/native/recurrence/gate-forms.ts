import { type Assembler, each, type Source, type Zmm, zmm } from "../assembler/index.ts";
import { decay, exponential } from "./powers.ts";

/** The shape of `ln α = ln σ(W k) / 16`, and RWKV-7's decays, which are at least e^-e^(-1/2). */
const SHARE = 1 / 16;
const STRONGEST = Math.exp(-0.5);
const SIGN = 0x80000000;

/** 2 artanh(s) = s·(2 + s²·(c1 + …)) for s up to 1/3, fitted: relative error under 5e-9 before rounding. */
const ARTANH = [0.28191542625427246, 0.2795766592025757, 0.4002511501312256, 0.6666631102561951, 2] as const;

const [power, total, above, squared] = [zmm(20), zmm(21), zmm(22), zmm(23)];

/** `ln(1 + e^y)` in the place of `y`; e^-|y| keeps the digits of a small one: `ln(1 + z) = 2 artanh(z / (2 + z))`. */
export function softplus(a: Assembler, y: Zmm): void {
  a.vpxord(above, above, above);
  a.vmaxps(above, above, y);
  a.vpord(power, y, each(a.words([SIGN])));
  decay(a, power);
  // 1/(2 + z): within 2^-14, and one step of Newton's.
  a.vaddps(total, power, each(a.constant(2)));
  a.vrcp14ps(squared, total);
  a.vfnmadd213ps(total, squared, each(a.constant(1)));
  a.vfmadd213ps(total, squared, squared);
  a.vmulps(power, power, total);
  a.vmulps(squared, power, power);
  const [first, ...others] = ARTANH;
  a.vbroadcastss(y, a.constant(first));
  for (const coefficient of others) a.vfmadd213ps(y, squared, each(a.constant(coefficient)));
  a.vfmadd213ps(y, power, above);
}

/** `1 / (1 + e^-y)` in its place. */
export function logistic(a: Assembler, y: Zmm): void {
  negate(a, y);
  exponential(a, y);
  a.vbroadcastss(above, a.constant(1));
  a.vaddps(y, y, above);
  a.vdivps(y, above, y);
}

/** Numbers that belong to a channel, or to the token's head. */
export interface Learned {
  /** What is added to W k. */
  readonly shift: Source;
  /** A, by which a step is multiplied. */
  readonly slope: Source;
}

/** Logarithms of decays in the place of sums W k, by the decay's form. */
export const LOGS = {
  logistic(a: Assembler, x: Zmm): void {
    negate(a, x);
    softplus(a, x);
    a.vmulps(x, x, each(a.constant(-SHARE)));
  },
  exponential(a: Assembler, x: Zmm, { shift }: Learned): void {
    a.vaddps(x, x, shift);
    exponential(a, x);
    negate(a, x);
  },
  rwkv7(a: Assembler, x: Zmm): void {
    logistic(a, x);
    a.vmulps(x, x, each(a.constant(-STRONGEST)));
  },
} as const;

/** `-A Δ` of a step, in its place. */
export function logOfStep(a: Assembler, step: Zmm, { slope }: Learned): void {
  a.vmulps(step, step, slope);
  negate(a, step);
}

function negate(a: Assembler, x: Zmm): void {
  a.vpxord(x, x, each(a.words([SIGN])));
}
