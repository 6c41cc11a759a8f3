import {
  lastLevel2, lastLevel3, lastLevel4, lastLevel5, level2, level3, level4, level5,
} from "./generated/butterflies";
import { LEVEL_BYTES, LEVEL_factor, LEVEL_parts, LEVEL_roots, LEVEL_twiddles } from "./generated/layout";
import { multiplyAdd } from "./generated/micro";
import { copyRow } from "./pack";

/**
 * Fourier transforms of rows that lie side by side, `stride` of them at once: row `m · stride + q` is number m of the transform q.
 * A row is blocks of 64 bytes, 8 real parts and 8 imaginary, all of which are transformed alike. `levels` is a count and so many
 * levels. The result is in `to`; `from` is only read unless it is `spare`, which is written.
 */
export function transformRows(levels: usize, from: usize, to: usize, spare: usize, stride: i32, rowBytes: usize): void {
  let count = load<i32>(levels);
  if (count == 0) {
    copyRow(from, <usize>stride * rowBytes, to);
    return;
  }
  let level = levels + 4;
  // The last level is to end in `to`: an odd number of levels begins there.
  while (count > 0) {
    const target = (count & 1) != 0 ? to : spare;
    oneLevel(level, from, target, stride, rowBytes, count == 1);
    stride *= load<i32>(level, LEVEL_factor);
    from = target;
    level += LEVEL_BYTES;
    count--;
  }
}

function oneLevel(level: usize, from: usize, to: usize, stride: i32, rowBytes: usize, isLast: bool): void {
  const factor = load<i32>(level, LEVEL_factor);
  const parts = load<i32>(level, LEVEL_parts);
  const twiddles: usize = load<u32>(level, LEVEL_twiddles);
  if (factor == 4) {
    if (isLast) lastLevel4(from, to, parts, stride, rowBytes);
    else level4(from, to, parts, stride, rowBytes, twiddles);
  } else if (factor == 2) {
    if (isLast) lastLevel2(from, to, parts, stride, rowBytes);
    else level2(from, to, parts, stride, rowBytes, twiddles);
  } else if (factor == 3) {
    if (isLast) lastLevel3(from, to, parts, stride, rowBytes);
    else level3(from, to, parts, stride, rowBytes, twiddles);
  } else if (factor == 5) {
    if (isLast) lastLevel5(from, to, parts, stride, rowBytes);
    else level5(from, to, parts, stride, rowBytes, twiddles);
  } else anyLevel(factor, from, to, parts, stride, rowBytes, twiddles, load<u32>(level, LEVEL_roots));
}

/** A level of any factor, by the sums of its definition. `roots` are `e^(-2πi·m/factor)`. */
function anyLevel(factor: i32, from: usize, to: usize, parts: i32, stride: i32, rowBytes: usize, twiddles: usize, roots: usize): void {
  const step: usize = <usize>stride * rowBytes;
  const apart: usize = <usize>parts * step;
  for (let p = 0; p < parts; p++) {
    for (let k = 0; k < factor; k++) {
      const twiddle = twiddles + (<usize>((factor - 1) * p + k - 1) << 3);
      for (let at: usize = 0; at < step; at += 64) {
        let r0 = f32x4.splat(0), r1 = f32x4.splat(0), i0 = f32x4.splat(0), i1 = f32x4.splat(0);
        let x = from + at;
        let root = 0;
        for (let m = 0; m < factor; m++) {
          const c = v128.load32_splat(roots + (<usize>root << 3), 0);
          const s = v128.load32_splat(roots + (<usize>root << 3), 4);
          const a0 = v128.load(x, 0), a1 = v128.load(x, 16), b0 = v128.load(x, 32), b1 = v128.load(x, 48);
          r0 = f32x4.sub(multiplyAdd(a0, c, r0), f32x4.mul(b0, s));
          r1 = f32x4.sub(multiplyAdd(a1, c, r1), f32x4.mul(b1, s));
          i0 = multiplyAdd(a0, s, multiplyAdd(b0, c, i0));
          i1 = multiplyAdd(a1, s, multiplyAdd(b1, c, i1));
          x += apart;
          root += k;
          if (root >= factor) root -= factor;
        }
        const y = to + <usize>k * step + at;
        v128.store(y, r0, 0);
        v128.store(y, r1, 16);
        v128.store(y, i0, 32);
        v128.store(y, i1, 48);
      }
      if (k > 0) turnRows64(to + <usize>k * step, to + <usize>k * step, step, twiddle);
    }
    from += step;
    to += <usize>factor * step;
  }
}

/** Numbers times one complex number, at `factor`, in blocks. */
export function turnRows64(from: usize, to: usize, bytes: usize, factor: usize): void {
  const c = v128.load32_splat(factor, 0);
  const s = v128.load32_splat(factor, 4);
  for (let at: usize = 0; at < bytes; at += 64) {
    const a0 = v128.load(from + at, 0), a1 = v128.load(from + at, 16), b0 = v128.load(from + at, 32), b1 = v128.load(from + at, 48);
    const r0 = f32x4.sub(f32x4.mul(a0, c), f32x4.mul(b0, s));
    const r1 = f32x4.sub(f32x4.mul(a1, c), f32x4.mul(b1, s));
    const i0 = multiplyAdd(a0, s, f32x4.mul(b0, c));
    const i1 = multiplyAdd(a1, s, f32x4.mul(b1, c));
    v128.store(to + at, r0, 0);
    v128.store(to + at, r1, 16);
    v128.store(to + at, i0, 32);
    v128.store(to + at, i1, 48);
  }
}

/** The same, conjugated: conj(numbers · factor). */
export function turnAndConjugate(from: usize, to: usize, bytes: usize, factor: usize): void {
  const c = v128.load32_splat(factor, 0);
  const s = v128.load32_splat(factor, 4);
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 64) {
    const a0 = v128.load(from + at, 0), a1 = v128.load(from + at, 16), b0 = v128.load(from + at, 32), b1 = v128.load(from + at, 48);
    const r0 = f32x4.sub(f32x4.mul(a0, c), f32x4.mul(b0, s));
    const r1 = f32x4.sub(f32x4.mul(a1, c), f32x4.mul(b1, s));
    const i0 = f32x4.sub(zero, multiplyAdd(a0, s, f32x4.mul(b0, c)));
    const i1 = f32x4.sub(zero, multiplyAdd(a1, s, f32x4.mul(b1, c)));
    v128.store(to + at, r0, 0);
    v128.store(to + at, r1, 16);
    v128.store(to + at, i0, 32);
    v128.store(to + at, i1, 48);
  }
}
