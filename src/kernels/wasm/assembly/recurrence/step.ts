import { ERASE_beforeDecay, ERASE_never, QUERY_ROW, TOKEN_ROW_erases, TOKEN_ROW_written } from "../generated/layout";
import { multiplyAdd } from "../generated/micro";
import { multiplyRow } from "./channel-chunk";
import { decaysOf } from "./decays";
import { writeRow } from "./finish";
import { openByChannel, openQueries } from "./rows";
import { Place, Recurrence, Scratch } from "./words";

/**
 * Tokens `first … first + count - 1` one after the other: each depends on those before it alone, whatever the numbers are. Writes
 * outputs if it `reads`.
 */
export function stepTokens(r: usize, s: usize, first: i32, count: i32, state: usize, reads: bool): void {
  openByChannel(r, s, first, count);
  if (reads) openQueries(r, s, first, count);
  const erase = Recurrence.erase(r);
  const rowBytes = Recurrence.rowBytes(r);
  const valueBytes: usize = <usize>Recurrence.valueDim(r) << 2;
  const output = Scratch.output(r, s);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW, token: usize = <usize>t << 2;
    const key = Scratch.keys(r, s) + at, query = Scratch.queries(r, s) + at;
    const alpha = Scratch.decays(r, s) + at;
    const place: usize = <usize>(first + t) * valueBytes;
    let value = Place.v(r, s) + place;
    decaysOf(alpha, Recurrence.channels(r), alpha);
    if (erase != ERASE_never) {
      const erasing = Scratch.erasing(r, s) + at;
      if (erase != ERASE_beforeDecay) multiplyRow(erasing, alpha, <usize>Recurrence.channels(r) << 2);
      const erases = load<f32>(Scratch.tokens(r, s, TOKEN_ROW_erases) + token);
      eraseFrom(r, s, state, erasing, value, load<f32>(Scratch.tokens(r, s, TOKEN_ROW_written) + token), erases);
      value = Scratch.values(r, s);
    }
    const before = Recurrence.readsBefore(r);
    for (let i: usize = 0; i < rowBytes; i += 32) {
      if (!reads) writeColumns(state + i, rowBytes, value + i, key, alpha, Recurrence.d(r));
      else if (before) readColumnsBefore(state + i, rowBytes, value + i, key, alpha, query, Recurrence.d(r), Recurrence.bonus(r), output + i);
      else readColumns(state + i, rowBytes, value + i, key, alpha, query, Recurrence.d(r), output + i);
    }
    if (reads && Recurrence.writesOut(r)) writeRow(r, output, Place.v(r, s) + place, Place.out(r, s) + place);
  }
}

/** The values of a token without what is erased: `β v - erases Sᵀ x`. */
function eraseFrom(r: usize, s: usize, state: usize, x: usize, v: usize, written: f32, erases: f32): void {
  const rowBytes = Recurrence.rowBytes(r);
  const d = Recurrence.d(r);
  const to = Scratch.values(r, s);
  const w = f32x4.splat(written), e = f32x4.splat(-erases);
  for (let i: usize = 0; i < rowBytes; i += 32) {
    let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), f = f32x4.splat(0);
    let row = state + i;
    let t = 0;
    for (; t + 2 <= d; t += 2) {
      const at = x + (<usize>t << 2);
      const k0 = v128.load32_splat(at, 0), k1 = v128.load32_splat(at, 4);
      const next = row + rowBytes;
      a = multiplyAdd(k0, v128.load(row, 0), a);
      b = multiplyAdd(k0, v128.load(row, 16), b);
      c = multiplyAdd(k1, v128.load(next, 0), c);
      f = multiplyAdd(k1, v128.load(next, 16), f);
      row = next + rowBytes;
    }
    for (; t < d; t++) {
      const k = v128.load32_splat(x + (<usize>t << 2));
      a = multiplyAdd(k, v128.load(row, 0), a);
      b = multiplyAdd(k, v128.load(row, 16), b);
      row += rowBytes;
    }
    const y = multiplyAdd(e, f32x4.add(a, c), f32x4.mul(w, v128.load(v + i, 0)));
    const z = multiplyAdd(e, f32x4.add(b, f), f32x4.mul(w, v128.load(v + i, 16)));
    v128.store(to + i, y, 0);
    v128.store(to + i, z, 16);
  }
}

/** S ← α S + k vᵀ in eight columns. */
function writeColumns(state: usize, rowBytes: usize, v: usize, key: usize, alpha: usize, rows: i32): void {
  const v0 = v128.load(v, 0), v1 = v128.load(v, 16);
  for (let i: usize = 0; i < <usize>rows << 2; i += 4) {
    const k = v128.load32_splat(key + i), c = v128.load32_splat(alpha + i);
    const a = v128.load(state, 0), b = v128.load(state, 16);
    const x = multiplyAdd(k, v0, f32x4.mul(c, a));
    const y = multiplyAdd(k, v1, f32x4.mul(c, b));
    v128.store(state, x, 0);
    v128.store(state, y, 16);
    state += rowBytes;
  }
}

/** The same, and out = Sᵀ q of what is then the state. */
function readColumns(
  state: usize, rowBytes: usize, v: usize, key: usize, alpha: usize, query: usize, rows: i32, out: usize,
): void {
  const v0 = v128.load(v, 0), v1 = v128.load(v, 16);
  let o0 = f32x4.splat(0), o1 = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>rows << 2; i += 4) {
    const k = v128.load32_splat(key + i), c = v128.load32_splat(alpha + i), q = v128.load32_splat(query + i);
    const a = v128.load(state, 0), b = v128.load(state, 16);
    const x = multiplyAdd(k, v0, f32x4.mul(c, a));
    const y = multiplyAdd(k, v1, f32x4.mul(c, b));
    o0 = multiplyAdd(q, x, o0);
    o1 = multiplyAdd(q, y, o1);
    v128.store(state, x, 0);
    v128.store(state, y, 16);
    state += rowBytes;
  }
  v128.store(out, o0, 0);
  v128.store(out, o1, 16);
}

/** The same, and out = (S + bonus k vᵀ)ᵀ q of what was the state before. */
function readColumnsBefore(
  state: usize, rowBytes: usize, v: usize, key: usize, alpha: usize, query: usize, rows: i32, bonus: f32, out: usize,
): void {
  const v0 = v128.load(v, 0), v1 = v128.load(v, 16);
  let o0 = f32x4.splat(0), o1 = f32x4.splat(0);
  let own: f32 = 0;
  for (let i: usize = 0; i < <usize>rows << 2; i += 4) {
    const k = v128.load32_splat(key + i), c = v128.load32_splat(alpha + i), q = v128.load32_splat(query + i);
    const a = v128.load(state, 0), b = v128.load(state, 16);
    o0 = multiplyAdd(q, a, o0);
    o1 = multiplyAdd(q, b, o1);
    own += load<f32>(key + i) * load<f32>(query + i);
    const x = multiplyAdd(k, v0, f32x4.mul(c, a));
    const y = multiplyAdd(k, v1, f32x4.mul(c, b));
    v128.store(state, x, 0);
    v128.store(state, y, 16);
    state += rowBytes;
  }
  const factor = f32x4.splat(own * bonus);
  o0 = multiplyAdd(factor, v0, o0);
  o1 = multiplyAdd(factor, v1, o1);
  v128.store(out, o0, 0);
  v128.store(out, o1, 16);
}
