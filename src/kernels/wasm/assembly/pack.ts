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

/** A whole panel. */
function packWhole(from: usize, rowStep: usize, d: i32, factor: f32, to: usize): void {
  for (let key = 0; key < PANEL_KEYS; key += 4) {
    const row = from + <usize>key * rowStep;
    packFour(row, row + rowStep, row + 2 * rowStep, row + 3 * rowStep, d, factor, to + (<usize>key << 2));
  }
}

/** Four keys of a panel: transposes 4 × 4 numbers at a time. */
@inline
function packFour(r0: usize, r1: usize, r2: usize, r3: usize, d: i32, factor: f32, to: usize): void {
  const f = f32x4.splat(factor);
  const panelRow: usize = PANEL_KEYS << 2;
  for (let i: usize = 0; i < <usize>d << 2; i += 16) {
    const a = v128.load(r0 + i), b = v128.load(r1 + i), c = v128.load(r2 + i), e = v128.load(r3 + i);
    const t0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const t2 = v128.shuffle<f32>(c, e, 0, 4, 1, 5);
    const t3 = v128.shuffle<f32>(c, e, 2, 6, 3, 7);
    v128.store(to, f32x4.mul(f, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5)));
    v128.store(to + panelRow, f32x4.mul(f, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7)));
    v128.store(to + 2 * panelRow, f32x4.mul(f, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5)));
    v128.store(to + 3 * panelRow, f32x4.mul(f, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7)));
    to += 4 * panelRow;
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

/** The token that an entry of a list is; `list` is 0 where entries are tokens. */
@inline
export function tokenAt(list: usize, entry: i32): usize {
  return list == 0 ? <usize>entry : <usize>load<i32>(list + (<usize>entry << 2));
}

/**
 * Packs the rows of `count` tokens of a list, of `d` numbers each from `rows` on, into such panels. What the last panel has
 * beyond them is never looked at, and is left as it is, or is the last row once more.
 */
export function packListed(list: usize, rows: usize, count: i32, d: i32, factor: f32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  const last = count - 1;
  for (let key = 0; key < count; key += 4) {
    const panel = to + (<usize>(key / PANEL_KEYS * PANEL_KEYS) * bytes);
    const out = panel + (<usize>(key % PANEL_KEYS) << 2);
    const r0 = rows + tokenAt(list, key) * bytes;
    const r1 = rows + tokenAt(list, min(key + 1, last)) * bytes;
    const r2 = rows + tokenAt(list, min(key + 2, last)) * bytes;
    const r3 = rows + tokenAt(list, min(key + 3, last)) * bytes;
    if ((d & 3) == 0) packFour(r0, r1, r2, r3, d, factor, out);
    else {
      packKey(r0, d, factor, out);
      packKey(r1, d, factor, out + 4);
      packKey(r2, d, factor, out + 8);
      packKey(r3, d, factor, out + 12);
    }
  }
}

/** One key of a panel. */
function packKey(from: usize, d: i32, factor: f32, to: usize): void {
  for (let i = 0; i < d; i++) {
    store<f32>(to + (<usize>(i * PANEL_KEYS) << 2), load<f32>(from + (<usize>i << 2)) * factor);
  }
}

/** Copies the rows of `count` tokens of a list side by side. May write up to 28 bytes beyond a row. */
export function copyListed(list: usize, first: i32, count: i32, rows: usize, bytes: usize, to: usize, toStep: usize): void {
  if (list == 0) {
    copyRows(rows + <usize>first * bytes, bytes, count, bytes, to, toStep);
    return;
  }
  for (let r = 0; r < count; r++) {
    copyRow(rows + tokenAt(list, first + r) * bytes, bytes, to);
    to += toStep;
  }
}

/** Copies one row. May write up to 28 bytes beyond it. */
@inline
export function copyRow(from: usize, bytes: usize, to: usize): void {
  let i: usize = 0;
  for (; i + 64 <= bytes; i += 64) {
    const a = v128.load(from + i, 0);
    const b = v128.load(from + i, 16);
    const c = v128.load(from + i, 32);
    const e = v128.load(from + i, 48);
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
    v128.store(to + i, c, 32);
    v128.store(to + i, e, 48);
  }
  for (; i < bytes; i += 32) {
    const a = v128.load(from + i, 0);
    const b = v128.load(from + i, 16);
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
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
