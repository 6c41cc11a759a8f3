import { PANEL_KEYS, PANEL_QUERIES, SCORE_ROW } from "../../generated/layout";
import { addKeysTile, multiplyAdd, scoresTile, valuesTile } from "../../generated/micro";

/**
 * Products of a chunk's rows, which lie `QUERY_ROW` bytes apart, with matrices of its pairs, whose rows lie `SCORE_ROW` bytes
 * apart and are 0 where a token is later than the row's. Where not all numbers are finite they are done `carefully`: no such 0 is
 * multiplied, and all else is summed in the same order, so that what no such number reaches has the same bits.
 */

/** Swaps rows and columns of `[rows, columns]`; rows of the result are filled up with 0. */
export function transpose(from: usize, fromStep: usize, rows: i32, columns: i32, to: usize, toStep: usize): void {
  const whole = rows & ~3, end = <i32>(toStep >> 2);
  for (let j = 0; j < columns; j += 4) {
    const t0 = to + <usize>j * toStep, t1 = t0 + toStep, t2 = t1 + toStep, t3 = t2 + toStep;
    let row = from + (<usize>j << 2);
    for (let c = 0; c < whole; c += 4) {
      const at: usize = <usize>c << 2;
      const a = v128.load(row), b = v128.load(row + fromStep);
      const e = v128.load(row + 2 * fromStep), f = v128.load(row + 3 * fromStep);
      const x0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), x1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const y0 = v128.shuffle<f32>(e, f, 0, 4, 1, 5), y1 = v128.shuffle<f32>(e, f, 2, 6, 3, 7);
      v128.store(t0 + at, v128.shuffle<f32>(x0, y0, 0, 1, 4, 5));
      v128.store(t1 + at, v128.shuffle<f32>(x0, y0, 2, 3, 6, 7));
      v128.store(t2 + at, v128.shuffle<f32>(x1, y1, 0, 1, 4, 5));
      v128.store(t3 + at, v128.shuffle<f32>(x1, y1, 2, 3, 6, 7));
      row += 4 * fromStep;
    }
    for (let c = whole; c < end; c++) {
      const at: usize = <usize>c << 2;
      const isRow = c < rows;
      store<f32>(t0 + at, isRow ? load<f32>(row, 0) : 0);
      store<f32>(t1 + at, isRow ? load<f32>(row, 4) : 0);
      store<f32>(t2 + at, isRow ? load<f32>(row, 8) : 0);
      store<f32>(t3 + at, isRow ? load<f32>(row, 12) : 0);
      row += fromStep;
    }
  }
}

/** c = a·b: `count` rows of `inner` numbers times a matrix of rows of `bytes` bytes. */
export function multiplyInto(a: usize, aStep: usize, count: i32, b: usize, bytes: usize, inner: i32, c: usize, cStep: usize): void {
  for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
    for (let t = 0; t < count; t += PANEL_QUERIES) {
      scoresTile(count - t, a + <usize>t * aStep, b + i, bytes, c + <usize>t * cStep + i, cStep, inner);
    }
  }
}

/** Products of rows of `inner` numbers with packed rows up to their own, and a few beyond. */
export function pairProducts(a: usize, aStep: usize, packed: usize, inner: i32, count: i32, to: usize): void {
  const panelBytes: usize = <usize>(inner * PANEL_KEYS) << 2;
  for (let j = 0; j < count; j += PANEL_KEYS) {
    for (let t = 0; t < count; t += PANEL_QUERIES) {
      if (j >= t + PANEL_QUERIES) continue;
      scoresTile(count - t, a + <usize>t * aStep, packed, PANEL_KEYS << 2, to + <usize>t * SCORE_ROW + (<usize>j << 2), SCORE_ROW, inner);
    }
    packed += panelBytes;
  }
}

/** c_t += Σ_s≤t w_ts b_s, rows of `bytes` bytes `step` bytes apart. */
export function addEarlier(weights: usize, b: usize, c: usize, step: usize, count: i32, bytes: usize, carefully: bool): void {
  for (let t = 0; t < count; t += PANEL_QUERIES) {
    const row = weights + <usize>t * SCORE_ROW, to = c + <usize>t * step;
    const inner = carefully ? t : min(count, t + PANEL_QUERIES);
    if (inner > 0) {
      for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) valuesTile(count - t, row, b + i, step, to + i, step, inner);
    }
    if (!carefully) continue;
    for (let own = t; own < min(count, t + PANEL_QUERIES); own++) {
      const ofOwn = weights + <usize>own * SCORE_ROW;
      for (let s = t; s <= own; s++) addRow(ofOwn + (<usize>s << 2), b + <usize>s * step, c + <usize>own * step, bytes);
    }
  }
}

/** c_s += Σ_t≥s w_ts b_t. `sum` is a row of scratch. */
export function addLater(weights: usize, b: usize, c: usize, step: usize, count: i32, bytes: usize, carefully: bool, sum: usize): void {
  if (!carefully) {
    for (let s = 0; s < count; s += PANEL_QUERIES) {
      const column = weights + <usize>s * SCORE_ROW + (<usize>s << 2);
      const from = b + <usize>s * step, to = c + <usize>s * step;
      for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) addKeysTile(count - s, column, from + i, step, to + i, step, count - s);
    }
    return;
  }
  for (let s = 0; s < count; s++) {
    memory.fill(sum, 0, bytes);
    for (let t = s; t < count; t++) addRow(weights + <usize>t * SCORE_ROW + (<usize>s << 2), b + <usize>t * step, sum, bytes);
    const to = c + <usize>s * step;
    for (let i: usize = 0; i < bytes; i += 32) {
      const x = f32x4.add(v128.load(to + i, 0), v128.load(sum + i, 0)), y = f32x4.add(v128.load(to + i, 16), v128.load(sum + i, 16));
      v128.store(to + i, x, 0);
      v128.store(to + i, y, 16);
    }
  }
}

/** c_t += Σ_s<t w_ts c_s, from the first row on. */
export function solveForward(weights: usize, c: usize, step: usize, count: i32, bytes: usize): void {
  for (let t = 0; t < count; t += PANEL_QUERIES) {
    const row = weights + <usize>t * SCORE_ROW, to = c + <usize>t * step;
    if (t > 0) for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) valuesTile(count - t, row, c + i, step, to + i, step, t);
    for (let own = t + 1; own < min(count, t + PANEL_QUERIES); own++) {
      const ofOwn = weights + <usize>own * SCORE_ROW;
      for (let s = t; s < own; s++) addRow(ofOwn + (<usize>s << 2), c + <usize>s * step, c + <usize>own * step, bytes);
    }
  }
}

/** c_s += Σ_t>s w_ts c_t, from the last row on. */
export function solveBackward(weights: usize, c: usize, step: usize, count: i32, bytes: usize): void {
  for (let s = (count - 1) / PANEL_QUERIES * PANEL_QUERIES; s >= 0; s -= PANEL_QUERIES) {
    const next = s + PANEL_QUERIES;
    const to = c + <usize>s * step;
    if (next < count) {
      const column = weights + <usize>next * SCORE_ROW + (<usize>s << 2), from = c + <usize>next * step;
      for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) addKeysTile(count - s, column, from + i, step, to + i, step, count - next);
    }
    for (let own = min(count, next) - 1; own >= s; own--) {
      for (let t = own + 1; t < min(count, next); t++) {
        addRow(weights + <usize>t * SCORE_ROW + (<usize>own << 2), c + <usize>t * step, c + <usize>own * step, bytes);
      }
    }
  }
}

/** c += w b, the number w in memory. */
@inline
function addRow(weight: usize, b: usize, c: usize, bytes: usize): void {
  const w = v128.load32_splat(weight);
  for (let i: usize = 0; i < bytes; i += 32) {
    const x = multiplyAdd(w, v128.load(b + i, 0), v128.load(c + i, 0)), y = multiplyAdd(w, v128.load(b + i, 16), v128.load(c + i, 16));
    v128.store(c + i, x, 0);
    v128.store(c + i, y, 16);
  }
}

/** Products of pairs times what is left of the earlier token, and 0 for later tokens, and the own one if it is `strict`. */
export function weighPairs(products: usize, shares: usize, count: i32, factor: f32, strict: bool): void {
  const f = f32x4.splat(factor);
  for (let t = 0; t < count; t++) {
    const end = strict ? t : t + 1;
    for (let s = 0; s < end; s += 8) {
      const at: usize = <usize>t * SCORE_ROW + (<usize>s << 2);
      const x = f32x4.mul(f32x4.mul(f, v128.load(shares + at, 0)), v128.load(products + at, 0));
      const y = f32x4.mul(f32x4.mul(f, v128.load(shares + at, 16)), v128.load(products + at, 16));
      v128.store(products + at, x, 0);
      v128.store(products + at, y, 16);
    }
    clearLater(products, t, end);
  }
}

/** Clears a row from column `from` on, as far as the panel that it is in is read. */
@inline
export function clearLater(products: usize, t: i32, from: i32): void {
  const end = (t / PANEL_QUERIES + 1) * PANEL_QUERIES + 7 & ~7;
  for (let s = from; s < end; s++) store<f32>(products + <usize>t * SCORE_ROW + (<usize>s << 2), 0);
}

/** Σ a b over `count` numbers, of which whole vectors may be read. */
export function dotRow(a: usize, b: usize, count: i32): f32 {
  let x = f32x4.splat(0), y = f32x4.splat(0);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const at: usize = <usize>i << 2;
    x = multiplyAdd(v128.load(a + at, 0), v128.load(b + at, 0), x);
    y = multiplyAdd(v128.load(a + at, 16), v128.load(b + at, 16), y);
  }
  const sums = f32x4.add(x, y);
  let sum: f32 = (f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1)) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  for (; i < count; i++) sum += load<f32>(a + (<usize>i << 2)) * load<f32>(b + (<usize>i << 2));
  return sum;
}
