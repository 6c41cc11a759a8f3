import { multiplyAdd } from "./generated/micro";

const P1: f32 = 0.13406834;
const P2: f32 = 0.00352635095;
const P3: f32 = 2.11215538e-05;
const P4: f32 = 1.40815972e-08;
const Q1: f32 = 0.467401594;
const Q2: f32 = 0.0259937067;
const Q3: f32 = 0.000333618838;
const Q4: f32 = 8.07018637e-07;
const MOST: f32 = 8.4282217;

/** Lays the constants of `tanh` side by side, in its order. */
export function layTanh(table: usize): void {
  store<f32>(table, P4, 0);
  store<f32>(table, P3, 4);
  store<f32>(table, P2, 8);
  store<f32>(table, P1, 12);
  store<f32>(table, Q4, 16);
  store<f32>(table, Q3, 20);
  store<f32>(table, Q2, 24);
  store<f32>(table, Q1, 28);
  store<f32>(table, 1, 32);
  store<f32>(table, -MOST, 36);
  store<f32>(table, MOST, 40);
}

/**
 * tanh in every lane: `x p(x²) / q(x²)`, both of degree 4. The best by relative error on [0, 8.6] (1.3e-8), and of the float32
 * numbers near its coefficients those that round best: at most 6.2 units in the last place off and never past 1 + 2^-23, fused
 * or not, over all float32 numbers. Odd to the bit, ±0 of ±0, ±1 from 8.43 on, NaN of NaN. An exponential and its division take
 * three times as long.
 *
 * Its constants come from memory, so that V8 keeps them in registers: those in the code it makes anew for every use, and tanh then
 * takes twice as long.
 */
@inline
export function tanh(
  x: v128, p4: v128, p3: v128, p2: v128, p1: v128, q4: v128, q3: v128, q2: v128, q1: v128, one: v128, least: v128, most: v128,
): v128 {
  x = f32x4.pmin(f32x4.pmax(x, least), most);
  const s = f32x4.mul(x, x);
  let p = multiplyAdd(p4, s, p3);
  p = multiplyAdd(p, s, p2);
  p = multiplyAdd(p, s, p1);
  p = multiplyAdd(p, s, one);
  let q = multiplyAdd(q4, s, q3);
  q = multiplyAdd(q, s, q2);
  q = multiplyAdd(q, s, q1);
  q = multiplyAdd(q, s, one);
  return f32x4.div(f32x4.mul(x, p), q);
}

/** tanh of `count` floats, a multiple of 8. `table` is scratch. */
export function tanhFloats(from: usize, count: i32, to: usize, table: usize): void {
  layTanh(table);
  tanhLaid(from, count, to, table);
}

/** The same where `table` has the constants. */
export function tanhLaid(from: usize, count: i32, to: usize, table: usize): void {
  const p4 = v128.load32_splat(table, 0), p3 = v128.load32_splat(table, 4), p2 = v128.load32_splat(table, 8);
  const p1 = v128.load32_splat(table, 12), q4 = v128.load32_splat(table, 16), q3 = v128.load32_splat(table, 20);
  const q2 = v128.load32_splat(table, 24), q1 = v128.load32_splat(table, 28), one = v128.load32_splat(table, 32);
  const least = v128.load32_splat(table, 36), most = v128.load32_splat(table, 40);
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const a = tanh(v128.load(from + i, 0), p4, p3, p2, p1, q4, q3, q2, q1, one, least, most);
    const b = tanh(v128.load(from + i, 16), p4, p3, p2, p1, q4, q3, q2, q1, one, least, most);
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
}
