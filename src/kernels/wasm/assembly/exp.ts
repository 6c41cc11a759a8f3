import { exp2 } from "./softmax";

const LOG2_E: f32 = 1.4426950408889634;
/** log2(e) in 12 bits, times which 12 bits of a number are exact, and what is left of it. */
const LOG2_E_HEAD: f32 = 1.4423828125;
const LOG2_E_REST: f32 = 0.0003122283889634;
const LN_2: f32 = 0.6931471805599453;

/**
 * e^x in every lane for x from -87 to 88. What the product with log2(e) loses would be a relative error that grows with x: it is
 * found exactly, and put back.
 */
@inline
export function exp(x: v128): v128 {
  const y = f32x4.mul(x, f32x4.splat(LOG2_E));
  const head = v128.and(x, i32x4.splat(<i32>0xfffff000));
  const rest = f32x4.sub(x, head);
  const lost = f32x4.add(
    f32x4.add(f32x4.sub(f32x4.mul(head, f32x4.splat(LOG2_E_HEAD)), y), f32x4.mul(rest, f32x4.splat(LOG2_E_HEAD))),
    f32x4.mul(x, f32x4.splat(LOG2_E_REST)),
  );
  const p = exp2(y);
  return f32x4.add(p, f32x4.mul(p, f32x4.mul(lost, f32x4.splat(LN_2))));
}
