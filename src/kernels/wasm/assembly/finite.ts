/** Whether `count` numbers are all finite: 0 times anything else is NaN. */
export function allFinite(p: usize, count: i32): bool {
  const zero = f32x4.splat(0);
  let a = zero, b = zero, c = zero, d = zero;
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    a = f32x4.add(a, f32x4.mul(v128.load(p, 0), zero));
    b = f32x4.add(b, f32x4.mul(v128.load(p, 16), zero));
    c = f32x4.add(c, f32x4.mul(v128.load(p, 32), zero));
    d = f32x4.add(d, f32x4.mul(v128.load(p, 48), zero));
    p += 64;
  }
  const sums = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  let sum: f32 = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (; i < count; i++) {
    sum += load<f32>(p) * 0;
    p += 4;
  }
  return sum == 0;
}
