import {
  type Assembler,
  COMPARE_INTEGERS,
  each,
  mask,
  ROUND,
  r8,
  r9,
  r10,
  rcx,
  rdx,
  zmm,
} from "../../assembler/index.ts";
import { FEATURE_ROW, VECTORS } from "../layout.ts";
import { call } from "../words.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "./rows.ts";

/** Added to the square of a row's length. */
const LEAST_SQUARE = 1e-6;
/** π/2 in three parts, of which the first two have so few bits that their products with small integers are exact: Cody and Waite. */
const HALF_PI = [1.5703125, 4.837512969970703e-4, 7.549789954891882e-8] as const;
/** Polynomials of Cephes' sinf and cosf on [-π/4, π/4], in x², from the highest power on. */
const SINE = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1] as const;
const COSINE = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, -0.5, 1] as const;

const X = rowOf(0);
const SQUARES = rowOf(4);
const SINES = rowOf(8);
const COSINES = rowOf(12);
const QUARTERS = rowOf(16);
const ONE = zmm(20);
const TWO = zmm(21);
const ODD = Array.from({ length: VECTORS }, (_, vector) => mask(vector + 1));

/** Brings the rows at r8 to length 1: `x / √(|x|² + 1e-6)`. Behind them it leaves the reciprocals of those roots. */
export function unitRows(a: Assembler): void {
  a.mov(rdx, r8);
  a.mov(rcx, call("channels"));
  for (const sum of SQUARES) a.vbroadcastss(sum, a.constant(LEAST_SQUARE));
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(rdx).entries()) {
      a.vmovups(X[vector], from);
      a.vfmadd231ps(SQUARES[vector], X[vector], X[vector]);
    }
    nextRow(a, rdx);
  });
  a.vbroadcastss(ONE, a.constant(1));
  for (const sum of SQUARES) {
    a.vsqrtps(sum, sum);
    a.vdivps(sum, ONE, sum);
  }
  a.mov(rcx, call("channels"));
  repeat(a, rcx, () => {
    for (const [vector, place] of vectorsAt(r8).entries()) {
      a.vmulps(X[vector], SQUARES[vector], place);
      a.vmovupsStore(place, X[vector]);
    }
    nextRow(a, r8);
  });
  for (const [vector, to] of vectorsAt(r8).entries()) a.vmovupsStore(to, SQUARES[vector]);
}

/** Sines of the angles at r9, in their place, and cosines behind them. Their common factor D^-½ is in ε. */
export function trigonometric(a: Assembler): void {
  a.vpbroadcastd(ONE, one(a));
  a.vpaddd(TWO, ONE, ONE);
  a.mov(rcx, call("weightRows"));
  a.imulImmediate(r10, rcx, FEATURE_ROW);
  a.add(r10, r9);
  repeat(a, rcx, () => {
    for (const [vector, from] of vectorsAt(r9).entries()) a.vmovups(X[vector], from);
    bothOf(a);
    for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, SINES[vector]);
    for (const [vector, to] of vectorsAt(r10).entries()) a.vmovupsStore(to, COSINES[vector]);
    nextRow(a, r9, r10);
  });
}

/** x less n·π/2, n the nearest integer; its sine and cosine, which change places where n is odd, and signs by n's second bit. */
function bothOf(a: Assembler): void {
  for (const [vector, x] of X.entries()) {
    const n = QUARTERS[vector];
    a.vmulps(n, x, each(a.constant(2 / Math.PI)));
    a.vrndscaleps(n, n, ROUND.nearest);
    for (const part of HALF_PI) a.vfnmadd231ps(x, n, each(a.constant(part)));
    a.vcvtps2dq(n, n);
  }
  for (const [vector, x] of X.entries()) a.vmulps(SQUARES[vector], x, x);
  polynomial(a, SINES, SINE);
  for (const [vector, x] of X.entries()) {
    a.vmulps(SINES[vector], SINES[vector], SQUARES[vector]);
    a.vfmadd213ps(SINES[vector], x, x);
  }
  polynomial(a, COSINES, COSINE);
  for (const [vector, n] of QUARTERS.entries()) {
    const [x, sine, cosine] = [X[vector], SINES[vector], COSINES[vector]];
    a.vpandd(x, n, ONE);
    a.vpcmpd(ODD[vector], x, ONE, COMPARE_INTEGERS.equal);
    a.vblendmps(x, sine, cosine, { mask: ODD[vector] });
    a.vblendmps(cosine, cosine, sine, { mask: ODD[vector] });
    // The sine of the third and fourth quarter is negative, the cosine of the second and third.
    const sign = SQUARES[vector];
    a.vpandd(sign, n, TWO);
    a.vpslld(sign, sign, 30);
    a.vpxord(sine, x, sign);
    a.vpaddd(n, n, ONE);
    a.vpandd(sign, n, TWO);
    a.vpslld(sign, sign, 30);
    a.vpxord(cosine, cosine, sign);
  }
}

/** Polynomials in the squares. */
function polynomial(a: Assembler, to: typeof SINES, [first, ...others]: readonly number[]): void {
  for (const sum of to) a.vbroadcastss(sum, a.constant(first));
  for (const coefficient of others) {
    for (const [vector, sum] of to.entries()) {
      a.vfmadd213ps(sum, SQUARES[vector], each(a.constant(coefficient)));
    }
  }
}

function one(a: Assembler): typeof rdx {
  a.movImmediate(rdx, 1);
  return rdx;
}
