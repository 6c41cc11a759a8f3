import { multiplyAdd } from "./generated/micro";

/** Past these `1 + 2^y` is 1, or 1/(1 + 2^y) no longer a normal number. */
const LEAST: f32 = -127;
const MOST: f32 = 125.5;
const LOG2_E: f32 = 1.4426950408889634;
/** Rounds a number to an integer when it is added, and leaves that, and 127, in the low bits. */
const SHIFT: f32 = 12583039;

/** Lays the constants of `sigmoidFloats` side by side, those of `exp2` in `softmax.ts` among them. */
export function laySigmoid(table: usize): void {
  store<f32>(table, -LOG2_E, 0);
  store<f32>(table, LEAST, 4);
  store<f32>(table, MOST, 8);
  store<f32>(table, SHIFT, 12);
  store<f32>(table, 0.0013276472454890609, 16);
  store<f32>(table, 0.009675541892647743, 20);
  store<f32>(table, 0.05550713092088699, 24);
  store<f32>(table, 0.24022120237350464, 28);
  store<f32>(table, 0.6931469440460205, 32);
  store<f32>(table, 1.0000001192092896, 36);
  store<f32>(table, 1, 40);
}

@inline
function sigmoid(
  x: v128, scale: v128, least: v128, most: v128, shift: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, c0: v128, one: v128,
): v128 {
  const y = f32x4.pmin(f32x4.pmax(f32x4.mul(x, scale), least), most);
  const shifted = f32x4.add(y, shift);
  const f = f32x4.sub(y, f32x4.sub(shifted, shift));
  let p = multiplyAdd(c5, f, c4);
  p = multiplyAdd(p, f, c3);
  p = multiplyAdd(p, f, c2);
  p = multiplyAdd(p, f, c1);
  p = multiplyAdd(p, f, c0);
  return f32x4.div(one, f32x4.add(one, f32x4.mul(p, i32x4.shl(shifted, 23))));
}

/**
 * `1 / (1 + e^-x)` of `count` floats in their place, a multiple of 8; NaN of NaN. Small ones keep their digits, as those of
 * `(1 + tanh(x/2)) / 2` would not: an error of x, which is a sum here, changes them by more than this is off. Constants come from
 * memory for the reason that `tanh.ts` gives.
 */
export function sigmoidFloats(at: usize, count: i32, table: usize): void {
  const scale = v128.load32_splat(table, 0), least = v128.load32_splat(table, 4), most = v128.load32_splat(table, 8);
  const shift = v128.load32_splat(table, 12), c5 = v128.load32_splat(table, 16), c4 = v128.load32_splat(table, 20);
  const c3 = v128.load32_splat(table, 24), c2 = v128.load32_splat(table, 28), c1 = v128.load32_splat(table, 32);
  const c0 = v128.load32_splat(table, 36), one = v128.load32_splat(table, 40);
  const end: usize = at + (<usize>count << 2);
  for (; at < end; at += 32) {
    const a = sigmoid(v128.load(at, 0), scale, least, most, shift, c5, c4, c3, c2, c1, c0, one);
    const b = sigmoid(v128.load(at, 16), scale, least, most, shift, c5, c4, c3, c2, c1, c0, one);
    v128.store(at, a, 0);
    v128.store(at, b, 16);
  }
}
