/** Whether `count` numbers are all finite: 0 times anything else is NaN. */
export function allFinite(p: usize, count: i32): bool {
  let sum: f32 = 0;
  let i = 0;
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0);
  const zero = f32x4.splat(0);
  for (; i + 8 <= count; i += 8) {
    a0 = f32x4.add(a0, f32x4.mul(v128.load(p, 0), zero));
    a1 = f32x4.add(a1, f32x4.mul(v128.load(p, 16), zero));
    p += 32;
  }
  for (; i < count; i++) { sum += load<f32>(p) * 0; p += 4; }
  const a = f32x4.add(a0, a1);
  sum += f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3);
  return sum == 0;
}
