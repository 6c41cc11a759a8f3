import { PANEL_KEYS, PANEL_QUERIES, SCORE_ROW } from "../../generated/layout";
import { addKeysTile, multiplyAdd, scoresTile, stateTile, valuesTile } from "../../generated/micro";

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
    addRows(sum, c + <usize>s * step, bytes);
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

/**
 * Rows in turn, so many of each kind as a panel has: what is read and what is taken away again cancels where they are summed, and
 * sums of either alone would be larger than what is left. Row t of the first kind:
 */
@inline
export function pairedRow(t: i32): i32 { return t + t / PANEL_QUERIES * PANEL_QUERIES; }

/** Brings rows of `bytes` bytes in turn; missing ones of the last panel are 0. */
export function pairRows(a: usize, b: usize, step: usize, count: i32, bytes: usize, to: usize): void {
  const end = (count + PANEL_QUERIES - 1) / PANEL_QUERIES * PANEL_QUERIES;
  for (let t = 0; t < end; t++) {
    const row = to + <usize>pairedRow(t) * step, other = row + PANEL_QUERIES * step;
    if (t < count) {
      memory.copy(row, a + <usize>t * step, bytes);
      memory.copy(other, b + <usize>t * step, bytes);
    } else {
      memory.fill(row, 0, bytes);
      memory.fill(other, 0, bytes);
    }
  }
}

/** The same of products of pairs, of which those with later tokens are 0, and of the second kind the own one. */
export function pairProductRows(a: usize, b: usize, count: i32, to: usize): void {
  const end = (count + PANEL_QUERIES - 1) / PANEL_QUERIES * PANEL_QUERIES;
  for (let t = 0; t < end; t++) {
    const row = to + <usize>pairedRow(t) * SCORE_ROW, other = row + PANEL_QUERIES * SCORE_ROW;
    const own = t < count ? <usize>t << 2 : 0, reads = t < count ? own + 4 : 0;
    memory.copy(row, a + <usize>t * SCORE_ROW, reads);
    memory.copy(other, b + <usize>t * SCORE_ROW, own);
    memory.fill(row + reads, 0, (<usize>end << 2) - reads);
    memory.fill(other + own, 0, (<usize>end << 2) - own);
  }
}

/** Tokens up to a whole panel, of both kinds. */
@inline
function pairedCount(count: i32): i32 { return (count + PANEL_QUERIES - 1) / PANEL_QUERIES * (2 * PANEL_QUERIES); }

/** Of rows in turn, the second kind are sums that go on: c_s += Σ_t≥s a_ts b_t + Σ_t>s w_ts c_t, from the last row on. */
export function solveBackward(weights: usize, rows: usize, step: usize, count: i32, bytes: usize): void {
  const own = PANEL_QUERIES * step, ownWeights = PANEL_QUERIES * SCORE_ROW;
  for (let s = (count - 1) / PANEL_QUERIES * PANEL_QUERIES; s >= 0; s -= PANEL_QUERIES) {
    const next = s + PANEL_QUERIES;
    const panel = rows + <usize>(2 * s) * step;
    if (next < count) {
      const column = weights + <usize>(2 * next) * SCORE_ROW + (<usize>s << 2), from = rows + <usize>(2 * next) * step;
      for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
        addKeysTile(count - s, column, from + i, step, panel + own + i, step, pairedCount(count) - 2 * next);
      }
    }
    const last = min(count, next) - 1 - s;
    for (let l = last; l >= 0; l--) {
      const to = panel + own + <usize>l * step;
      for (let t = last; t >= l; t--) {
        const weight = weights + <usize>(2 * s + t) * SCORE_ROW + (<usize>(s + l) << 2);
        addRow(weight, panel + <usize>t * step, to, bytes);
        if (t > l) addRow(weight + ownWeights, panel + own + <usize>t * step, to, bytes);
      }
    }
  }
}

/** Copies the second kind of rows in turn. */
export function copySecond(rows: usize, step: usize, count: i32, bytes: usize, to: usize): void {
  for (let t = 0; t < count; t++) memory.copy(to + <usize>t * step, rows + <usize>(pairedRow(t) + PANEL_QUERIES) * step, bytes);
}

/** c_s += Σ_t≥s a_ts b_t + Σ_t>s w_ts d_t of rows in turn. `sum` is a row of scratch. */
export function addLaterPairs(weights: usize, rows: usize, c: usize, step: usize, count: i32, bytes: usize, carefully: bool, sum: usize): void {
  if (!carefully) {
    for (let s = 0; s < count; s += PANEL_QUERIES) {
      const column = weights + <usize>(2 * s) * SCORE_ROW + (<usize>s << 2), from = rows + <usize>(2 * s) * step, to = c + <usize>s * step;
      for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
        addKeysTile(count - s, column, from + i, step, to + i, step, pairedCount(count) - 2 * s);
      }
    }
    return;
  }
  for (let s = 0; s < count; s++) {
    memory.fill(sum, 0, bytes);
    for (let first = s / PANEL_QUERIES * PANEL_QUERIES; first < count; first += PANEL_QUERIES) {
      addPanel(weights, rows, step, first, max(s, first), min(count, first + PANEL_QUERIES), s, bytes, 0, sum);
      addPanel(weights, rows, step, first, max(s + 1, first), min(count, first + PANEL_QUERIES), s, bytes, PANEL_QUERIES, sum);
    }
    addRows(sum, c + <usize>s * step, bytes);
  }
}

/** Rows `from … to` of one kind of a panel, times their products with token s. */
function addPanel(
  weights: usize, rows: usize, step: usize, first: i32, from: i32, to: i32, s: i32, bytes: usize, kind: i32, sum: usize,
): void {
  for (let t = from; t < to; t++) {
    const row = first + t + kind;
    addRow(weights + <usize>row * SCORE_ROW + (<usize>s << 2), rows + <usize>row * step, sum, bytes);
  }
}

/** c += aᵀ b of rows in turn. */
export function addOuterPairs(a: usize, b: usize, step: usize, count: i32, d: i32, c: usize, rowBytes: usize): void {
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let row = 0; row < d; row += PANEL_QUERIES) {
      stateTile(d - row, a + (<usize>row << 2), b + i, step, c + <usize>row * rowBytes + i, rowBytes, pairedCount(count));
    }
  }
}

@inline
function addRows(from: usize, to: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const x = f32x4.add(v128.load(to + i, 0), v128.load(from + i, 0)), y = f32x4.add(v128.load(to + i, 16), v128.load(from + i, 16));
    v128.store(to + i, x, 0);
    v128.store(to + i, y, 16);
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
