/**
 * Packs the keys `start, start + step, …` of a slice `[length, d]` into panels `[key / 16, d, 16]`, each number times
 * `factor`: the micro-kernel then reads 16 keys of one dimension side by side. Keys missing in the last panel are 0.
 */
export function packKeys(k: usize, start: i32, step: i32, count: i32, d: i32, factor: f32, to: usize): void {
  const panels = (count + 15) >> 4;
  const rowBytes: usize = <usize>d << 2;
  const stepBytes: usize = rowBytes * <usize>step;
  const f = f32x4.splat(factor);
  for (let p = 0; p < panels; p++) {
    const base: usize = k + <usize>(start + (p << 4) * step) * rowBytes;
    const dst: usize = to + <usize>(p * d) * 64;
    const here = min(16, count - (p << 4));
    if (here == 16 && (d & 3) == 0) {
      for (let g: usize = 0; g < 4; g++) {
        const r0 = base + g * 4 * stepBytes;
        const r1 = r0 + stepBytes; const r2 = r1 + stepBytes; const r3 = r2 + stepBytes;
        let out = dst + g * 16;
        for (let i: usize = 0; i < rowBytes; i += 16) {
          const a = v128.load(r0 + i), b = v128.load(r1 + i), c = v128.load(r2 + i), e = v128.load(r3 + i);
          const t0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
          const t1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
          const t2 = v128.shuffle<f32>(c, e, 0, 4, 1, 5);
          const t3 = v128.shuffle<f32>(c, e, 2, 6, 3, 7);
          v128.store(out, f32x4.mul(f, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5)), 0);
          v128.store(out, f32x4.mul(f, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7)), 64);
          v128.store(out, f32x4.mul(f, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5)), 128);
          v128.store(out, f32x4.mul(f, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7)), 192);
          out += 256;
        }
      }
    } else {
      for (let j = 0; j < 16; j++) {
        for (let i = 0; i < d; i++) {
          const value: f32 = j < here ? load<f32>(base + <usize>j * stepBytes + (<usize>i << 2)) * factor : 0;
          store<f32>(dst + <usize>((i << 4) + j) * 4, value);
        }
      }
    }
  }
}

/** Packs the queries `start, start + step, …` into panels `[query / 6, d, 6]`; queries missing in the last panel are 0. */
export function packQueries(q: usize, start: i32, step: i32, count: i32, d: i32, to: usize): void {
  const panels = (count + 5) / 6;
  for (let p = 0; p < panels; p++) {
    for (let r = 0; r < 6; r++) {
      const row = p * 6 + r;
      const src: usize = q + <usize>(start + row * step) * (<usize>d << 2);
      let dst: usize = to + <usize>(p * d) * 24 + (<usize>r << 2);
      if (row < count) {
        for (let i = 0; i < d; i++) { store<f32>(dst, load<f32>(src + (<usize>i << 2))); dst += 24; }
      } else {
        for (let i = 0; i < d; i++) { store<f32>(dst, 0); dst += 24; }
      }
    }
  }
}
