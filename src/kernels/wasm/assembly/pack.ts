import { PANEL_KEYS } from "./generated/layout";

/**
 * Packs rows `row, row + rowStep, …` of `d` numbers into panels `[row / PANEL_KEYS, d, PANEL_KEYS]`, each number times
 * `factor`: the micro-kernel then reads the keys of one dimension side by side. Rows missing in the last panel are 0.
 */
export function packPanels(row: usize, rowStep: usize, count: i32, d: i32, factor: f32, to: usize): void {
  for (let first = 0; first < count; first += PANEL_KEYS) {
    const here = min(PANEL_KEYS, count - first);
    const from: usize = row + <usize>first * rowStep;
    if (here == PANEL_KEYS && (d & 3) == 0) packWhole(from, rowStep, d, factor, to);
    else packEdge(from, rowStep, here, d, factor, to);
    to += <usize>(d * PANEL_KEYS) << 2;
  }
}

/** A whole panel: transposes 4 × 4 numbers at a time. */
function packWhole(from: usize, rowStep: usize, d: i32, factor: f32, to: usize): void {
  const f = f32x4.splat(factor);
  const panelRow: usize = PANEL_KEYS << 2;
  for (let key = 0; key < PANEL_KEYS; key += 4) {
    const r0: usize = from + <usize>key * rowStep;
    const r1 = r0 + rowStep, r2 = r1 + rowStep, r3 = r2 + rowStep;
    let out: usize = to + (<usize>key << 2);
    for (let i: usize = 0; i < <usize>d << 2; i += 16) {
      const a = v128.load(r0 + i), b = v128.load(r1 + i), c = v128.load(r2 + i), e = v128.load(r3 + i);
      const t0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const t1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const t2 = v128.shuffle<f32>(c, e, 0, 4, 1, 5);
      const t3 = v128.shuffle<f32>(c, e, 2, 6, 3, 7);
      v128.store(out, f32x4.mul(f, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5)));
      v128.store(out + panelRow, f32x4.mul(f, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7)));
      v128.store(out + 2 * panelRow, f32x4.mul(f, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5)));
      v128.store(out + 3 * panelRow, f32x4.mul(f, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7)));
      out += 4 * panelRow;
    }
  }
}

function packEdge(from: usize, rowStep: usize, here: i32, d: i32, factor: f32, to: usize): void {
  for (let key = 0; key < PANEL_KEYS; key++) {
    for (let i = 0; i < d; i++) {
      const value: f32 = key < here ? load<f32>(from + <usize>key * rowStep + (<usize>i << 2)) * factor : 0;
      store<f32>(to + (<usize>(i * PANEL_KEYS + key) << 2), value);
    }
  }
}

/** Copies rows `row, row + rowStep, …` of `bytes` bytes to places `toStep` apart. May write up to 28 bytes beyond a row. */
export function copyRows(row: usize, rowStep: usize, count: i32, bytes: usize, to: usize, toStep: usize): void {
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = v128.load(row + i, 0);
      const b = v128.load(row + i, 16);
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
    row += rowStep;
    to += toStep;
  }
}
