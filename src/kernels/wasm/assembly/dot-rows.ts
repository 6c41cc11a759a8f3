/**
 * Products of `count` rows of d numbers with a vector, each stored as one number, `toStep` bytes apart: it may take the place of the
 * row's first.
 */
export function dotRows(from: usize, fromStep: usize, count: i32, vector: usize, d: i32, to: usize, toStep: usize): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    let i: usize = 0;
    for (; i + 32 <= bytes; i += 32) {
      a = f32x4.add(a, f32x4.mul(v128.load(from + i, 0), v128.load(vector + i, 0)));
      b = f32x4.add(b, f32x4.mul(v128.load(from + i, 16), v128.load(vector + i, 16)));
    }
    const sums = f32x4.add(a, b);
    let sum: f32 = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    for (; i < bytes; i += 4) sum += load<f32>(from + i) * load<f32>(vector + i);
    store<f32>(to, sum);
    from += fromStep;
    to += toStep;
  }
}
