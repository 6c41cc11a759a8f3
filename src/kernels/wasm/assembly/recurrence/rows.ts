import {
  ERASE_never, QUERY_ROW, TOKEN_ROW_erases, TOKEN_ROW_norms, TOKEN_ROW_written, UNIT_both, UNIT_erasure,
} from "../generated/layout";
import { scaleRow } from "../softmax";
import { channelLogs, channelWrites, copyTokens, tokenLogs, tokenWrites } from "./open";
import { Place, Recurrence, Scratch } from "./words";

/** What is added to a square of a length before it divides. */
export const LEAST_SQUARE: f32 = 1e-6;

/**
 * Opens `count` tokens whose chunk has one decay a token: rows of keys, ln α and β. What erases is the key itself, and β is in it
 * unless something is erased.
 */
export function openByToken(r: usize, s: usize, first: i32, count: i32): void {
  openKeys(r, s, first, count);
  tokenLogs(r, s, first, count);
  tokenWrites(r, s, first, count);
  const keys = Scratch.keys(r, s);
  if (Recurrence.unit(r) == UNIT_both) bringToLength(r, s, keys, count, 1);
  if (Recurrence.erase(r) == ERASE_never) scaleRows(keys, count, Recurrence.channels(r), Scratch.tokens(r, s, TOKEN_ROW_written));
}

/**
 * Opens `count` tokens channel by channel: what is written, what erases and by how much, ln α of each channel, and β of the values.
 */
export function openByChannel(r: usize, s: usize, first: i32, count: i32): void {
  openKeys(r, s, first, count);
  channelLogs(r, s, first, count);
  const channels = Recurrence.channels(r);
  const keys = Scratch.keys(r, s), erasing = Scratch.erasing(r, s);
  const written = Scratch.tokens(r, s, TOKEN_ROW_written), erases = Scratch.tokens(r, s, TOKEN_ROW_erases);
  tokenWrites(r, s, first, count);
  if (Recurrence.writePerChannel(r)) channelWrites(r, s, count);
  const unit = Recurrence.unit(r);
  if (unit == UNIT_both) bringToLength(r, s, keys, count, 1);
  if (Recurrence.erase(r) != ERASE_never) {
    for (let t = 0; t < count; t++) memory.copy(erasing + <usize>t * QUERY_ROW, keys + <usize>t * QUERY_ROW, <usize>channels << 2);
    for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(erases + i, load<f32>(written + i));
    if (unit == UNIT_erasure) {
      // What is erased is a multiple of what is written, which is not brought to length 1.
      bringToLength(r, s, erasing, count, 1);
      const norms = Scratch.tokens(r, s, TOKEN_ROW_norms);
      for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(erases + i, load<f32>(erases + i) * load<f32>(norms + i));
    }
  } else scaleRows(keys, count, channels, written);
  if (Recurrence.writePerChannel(r)) multiplyRows(keys, Scratch.writes(r, s), count, channels);
}

/** Rows of queries, with the scale of the output. */
export function openQueries(r: usize, s: usize, first: i32, count: i32): void {
  const d = Recurrence.d(r), channels = Recurrence.channels(r);
  const queries = Scratch.queries(r, s);
  copyTokens(Place.q(r, s) + (<usize>first * d << 2), count, d, channels, queries);
  if (Recurrence.unit(r) == UNIT_both) bringToLength(r, s, queries, count, Recurrence.scale(r));
  else if (Recurrence.scale(r) != 1) {
    for (let t = 0; t < count; t++) scaleRow(queries + <usize>t * QUERY_ROW, <usize>channels << 2, Recurrence.scale(r));
  }
}

@inline
function openKeys(r: usize, s: usize, first: i32, count: i32): void {
  const d = Recurrence.d(r);
  copyTokens(Place.k(r, s) + (<usize>first * d << 2), count, d, Recurrence.channels(r), Scratch.keys(r, s));
}

/** Rows times `factor / √(|x|² + 1e-6)`, which is left in the norms. */
export function bringToLength(r: usize, s: usize, rows: usize, count: i32, factor: f32): void {
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  const norms = Scratch.tokens(r, s, TOKEN_ROW_norms);
  for (let t = 0; t < count; t++) {
    const row = rows + <usize>t * QUERY_ROW;
    let a = f32x4.splat(0), b = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 32) {
      const x = v128.load(row + i, 0), y = v128.load(row + i, 16);
      a = f32x4.add(a, f32x4.mul(x, x));
      b = f32x4.add(b, f32x4.mul(y, y));
    }
    const sums = f32x4.add(a, b);
    const square: f32 = (f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1)) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    const norm: f32 = factor / sqrt<f32>(square + LEAST_SQUARE);
    store<f32>(norms + (<usize>t << 2), norm);
    scaleRow(row, bytes, norm);
  }
}

/** Each row times its number of a vector. */
export function scaleRows(rows: usize, count: i32, channels: i32, factors: usize): void {
  for (let t = 0; t < count; t++) scaleRow(rows + <usize>t * QUERY_ROW, <usize>channels << 2, load<f32>(factors + (<usize>t << 2)));
}

export function multiplyRows(rows: usize, by: usize, count: i32, channels: i32): void {
  for (let t = 0; t < count; t++) {
    for (let i: usize = 0; i < <usize>channels << 2; i += 32) {
      const a = f32x4.mul(v128.load(rows + i, 0), v128.load(by + i, 0));
      const b = f32x4.mul(v128.load(rows + i, 16), v128.load(by + i, 16));
      v128.store(rows + i, a, 0);
      v128.store(rows + i, b, 16);
    }
    rows += QUERY_ROW;
    by += QUERY_ROW;
  }
}
