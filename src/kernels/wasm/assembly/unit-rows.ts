import { PANEL_KEYS } from "./generated/layout";
import { tokenAt } from "./pack";

/** Lengths between which the inverse and every number divided by them are ordinary float32 numbers. */
const LEAST: f64 = 8.673617379884035e-19;
const MOST: f64 = 1152921504606846976;

/** The length of a row, in float64: squares of large numbers fit. */
export function lengthOf(row: usize, d: i32): f64 {
  let sums = f64x2.splat(0);
  const even = d & ~1;
  for (let i: usize = 0; i < <usize>even << 2; i += 8) {
    const two = f64x2.promote_low_f32x4(v128.load64_zero(row + i));
    sums = f64x2.add(sums, f64x2.mul(two, two));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (even != d) {
    const last: f64 = load<f32>(row + (<usize>even << 2));
    sum += last * last;
  }
  return Math.sqrt(sum);
}

/** What a row is multiplied by to have length 1; 0 where float32 has no such number, and the row is divided by its length. */
export function factorOf(row: usize, d: i32): f32 {
  const length = lengthOf(row, d);
  return length > LEAST && length < MOST ? <f32>(1 / length) : 0;
}

/**
 * Packs the rows of `count` tokens of a list as `packListed` does, brought to length 1 by each token's factor; rows of zeros stay so.
 * What the last panel has beyond them is the last row once more.
 */
export function packUnits(list: usize, rows: usize, count: i32, d: i32, factors: usize, to: usize): void {
  const bytes: usize = <usize>d << 2;
  const last = count - 1;
  const padded = (count + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS;
  for (let key = 0; key < padded; key += 4) {
    const out = to + <usize>(key / PANEL_KEYS * PANEL_KEYS) * bytes + (<usize>(key % PANEL_KEYS) << 2);
    const t0 = tokenAt(list, min(key, last)), t1 = tokenAt(list, min(key + 1, last));
    const t2 = tokenAt(list, min(key + 2, last)), t3 = tokenAt(list, min(key + 3, last));
    const f0 = load<f32>(factors + (t0 << 2)), f1 = load<f32>(factors + (t1 << 2));
    const f2 = load<f32>(factors + (t2 << 2)), f3 = load<f32>(factors + (t3 << 2));
    const r0 = rows + t0 * bytes, r1 = rows + t1 * bytes, r2 = rows + t2 * bytes, r3 = rows + t3 * bytes;
    if ((d & 3) == 0 && min(min(f0, f1), min(f2, f3)) > 0) packFour(r0, r1, r2, r3, f0, f1, f2, f3, d, out);
    else {
      packOne(r0, f0, d, out);
      packOne(r1, f1, d, out + 4);
      packOne(r2, f2, d, out + 8);
      packOne(r3, f3, d, out + 12);
    }
  }
}

/** Four rows of a panel: transposes 4 × 4 numbers at a time. */
@inline
function packFour(r0: usize, r1: usize, r2: usize, r3: usize, f0: f32, f1: f32, f2: f32, f3: f32, d: i32, to: usize): void {
  const g0 = f32x4.splat(f0), g1 = f32x4.splat(f1), g2 = f32x4.splat(f2), g3 = f32x4.splat(f3);
  const step: usize = PANEL_KEYS << 2;
  for (let i: usize = 0; i < <usize>d << 2; i += 16) {
    const a = f32x4.mul(g0, v128.load(r0 + i)), b = f32x4.mul(g1, v128.load(r1 + i));
    const c = f32x4.mul(g2, v128.load(r2 + i)), e = f32x4.mul(g3, v128.load(r3 + i));
    const t0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const t2 = v128.shuffle<f32>(c, e, 0, 4, 1, 5);
    const t3 = v128.shuffle<f32>(c, e, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
    v128.store(to + step, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
    v128.store(to + 2 * step, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
    v128.store(to + 3 * step, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
    to += 4 * step;
  }
}

function packOne(row: usize, factor: f32, d: i32, to: usize): void {
  const length = factor > 0 ? 1 : lengthOf(row, d);
  const by: f64 = factor > 0 ? <f64>factor : 1;
  for (let i: usize = 0; i < <usize>d; i++) {
    const one = <f64>load<f32>(row + (i << 2)) * by;
    store<f32>(to + i * (PANEL_KEYS << 2), length == 0 ? 0 : <f32>(one / length));
  }
}
