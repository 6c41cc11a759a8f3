import {
  CHANNEL_ROW_chunk, ERASE_beforeDecay, ERASE_never, QUERY_ROW, SCORE_ROW,
  TOKEN_ROW_erases,
} from "../generated/layout";
import { multiplyAdd } from "../generated/micro";
import { joinSums } from "../softmax";
import { decaysOf } from "./decays";
import { fillFloats } from "./open";
import { openByChannel, openQueries } from "./rows";
import { Recurrence, Scratch } from "./words";

/** Bytes of a sum in parts. */
const PARTS: usize = 32;
/** Where the parts of what erases are, behind those of queries. */
const OTHER_PARTS: usize = 32 * PARTS;

/**
 * The same of a chunk whose channels decay by themselves. Each key is multiplied by the decay of every later token, one after the
 * other, so that nothing but factors up to 1 is ever multiplied, and is read by each as it is then.
 */
export function prepareByChannel(r: usize, s: usize, first: i32, count: i32, reads: bool): void {
  openByChannel(r, s, first, count);
  if (reads) openQueries(r, s, first, count);
  scoreByChannel(r, s, count, reads);
}

/** The same of rows that are open. */
export function scoreByChannel(r: usize, s: usize, count: i32, reads: bool): void {
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  const running = openDecays(r, s, count);
  for (let t = 0; t < count; t++) takeToken(r, s, t, bytes, reads, running);
}

/** Makes α of ln α, and what is left of a state after the chunk; returns a row of ones, which decays are to be multiplied into. */
function openDecays(r: usize, s: usize, count: i32): usize {
  const channels = Recurrence.channels(r);
  const decays = Scratch.decays(r, s), chunk = Scratch.row(r, s, CHANNEL_ROW_chunk), running = Scratch.running(r, s);
  sumRows(decays, count, <usize>channels << 2, chunk);
  decaysOf(chunk, channels, chunk);
  for (let t = 0; t < count; t++) decaysOf(decays + <usize>t * QUERY_ROW, channels, decays + <usize>t * QUERY_ROW);
  fillFloats(running, channels, 1);
  return running;
}

/** Of the same, only what queries read of the state before the chunk. */
export function decayQueries(r: usize, s: usize, count: i32): void {
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  const running = openDecays(r, s, count);
  const before = Recurrence.readsBefore(r);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW;
    if (before) multiplyRow(Scratch.queries(r, s) + at, running, bytes);
    multiplyRow(running, Scratch.decays(r, s) + at, bytes);
    if (!before) multiplyRow(Scratch.queries(r, s) + at, running, bytes);
  }
}

/** Token t of a chunk: its scores of keys up to its own, decays of those before it, and of it since the chunk began. */
function takeToken(r: usize, s: usize, t: i32, bytes: usize, reads: bool, running: usize): void {
  const at: usize = <usize>t * QUERY_ROW;
  const query = Scratch.queries(r, s) + at, erasing = Scratch.erasing(r, s) + at, alpha = Scratch.decays(r, s) + at;
  const keys = Scratch.keys(r, s), parts = Scratch.parts(r, s);
  const erase = Recurrence.erase(r);
  const before = Recurrence.readsBefore(r);
  const erasesBefore = erase == ERASE_beforeDecay;
  if (reads && before) dotKeys(query, keys, t, bytes, parts);
  if (erasesBefore) dotKeys(erasing, keys, t, bytes, parts + OTHER_PARTS);
  const erasesAfter = erase != ERASE_never && !erasesBefore;
  if (reads && !before && erasesAfter) decayAndDotBoth(alpha, query, erasing, keys, t, bytes, parts);
  else if (reads && !before) decayAndDot(alpha, query, keys, t, bytes, parts);
  else if (erasesAfter) decayAndDot(alpha, erasing, keys, t, bytes, parts + OTHER_PARTS);
  else for (let l = 0; l < t; l++) multiplyRow(keys + <usize>l * QUERY_ROW, alpha, bytes);
  if (reads) {
    dotKeys(query, keys + at, 1, bytes, parts + <usize>t * PARTS);
    const scores = Scratch.scores(r, s) + <usize>t * SCORE_ROW;
    joinParts(parts, t + 1, scores);
    if (before) store<f32>(scores + (<usize>t << 2), load<f32>(scores + (<usize>t << 2)) * Recurrence.bonus(r));
  }
  if (erase != ERASE_never) joinErased(r, s, t);
  if (reads && before) multiplyRow(query, running, bytes);
  const asks = erase != ERASE_never;
  const factor = asks ? -load<f32>(Scratch.tokens(r, s, TOKEN_ROW_erases) + (<usize>t << 2)) : 0;
  if (erasesBefore) scaleBy(erasing, running, factor, bytes);
  multiplyRow(running, alpha, bytes);
  if (reads && !before) multiplyRow(query, running, bytes);
  if (asks && !erasesBefore) scaleBy(erasing, running, factor, bytes);
}

function sumRows(rows: usize, count: i32, bytes: usize, to: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    for (let t = 0; t < count; t++) {
      const row = rows + <usize>t * QUERY_ROW + i;
      a = f32x4.add(a, v128.load(row, 0));
      b = f32x4.add(b, v128.load(row, 16));
    }
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
}

/** Parts of x·k of `count` keys. */
function dotKeys(x: usize, key: usize, count: i32, bytes: usize, parts: usize): void {
  for (let l = 0; l < count; l++) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 32) {
      a = multiplyAdd(v128.load(x + i, 0), v128.load(key + i, 0), a);
      b = multiplyAdd(v128.load(x + i, 16), v128.load(key + i, 16), b);
    }
    v128.store(parts, a, 0);
    v128.store(parts, b, 16);
    key += QUERY_ROW;
    parts += PARTS;
  }
}

/** The same of keys that are multiplied by α first, and stay so. */
function decayAndDot(alpha: usize, x: usize, key: usize, count: i32, bytes: usize, parts: usize): void {
  for (let l = 0; l < count; l++) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 32) {
      const k0 = f32x4.mul(v128.load(alpha + i, 0), v128.load(key + i, 0));
      const k1 = f32x4.mul(v128.load(alpha + i, 16), v128.load(key + i, 16));
      a = multiplyAdd(v128.load(x + i, 0), k0, a);
      b = multiplyAdd(v128.load(x + i, 16), k1, b);
      v128.store(key + i, k0, 0);
      v128.store(key + i, k1, 16);
    }
    v128.store(parts, a, 0);
    v128.store(parts, b, 16);
    key += QUERY_ROW;
    parts += PARTS;
  }
}

/** The same of two rows at once. */
function decayAndDotBoth(alpha: usize, x: usize, y: usize, key: usize, count: i32, bytes: usize, parts: usize): void {
  for (let l = 0; l < count; l++) {
    let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), e = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 32) {
      const k0 = f32x4.mul(v128.load(alpha + i, 0), v128.load(key + i, 0));
      const k1 = f32x4.mul(v128.load(alpha + i, 16), v128.load(key + i, 16));
      a = multiplyAdd(v128.load(x + i, 0), k0, a);
      b = multiplyAdd(v128.load(x + i, 16), k1, b);
      c = multiplyAdd(v128.load(y + i, 0), k0, c);
      e = multiplyAdd(v128.load(y + i, 16), k1, e);
      v128.store(key + i, k0, 0);
      v128.store(key + i, k1, 16);
    }
    v128.store(parts, a, 0);
    v128.store(parts, b, 16);
    v128.store(parts + OTHER_PARTS, c, 0);
    v128.store(parts + OTHER_PARTS, e, 16);
    key += QUERY_ROW;
    parts += PARTS;
  }
}

/** Sums of parts, and zeros in the place of later keys. */
@inline
function joinParts(parts: usize, count: i32, to: usize): void {
  for (let l = 0; l < count; l += 4) v128.store(to + (<usize>l << 2), joinSums(parts + <usize>l * PARTS));
  for (let l = count; l < (count + 11 & ~7); l++) store<f32>(to + (<usize>l << 2), 0);
}

/** The same of what erases, negated and times how much it does. */
@inline
function joinErased(r: usize, s: usize, t: i32): void {
  const to = Scratch.erased(r, s) + <usize>t * SCORE_ROW;
  const factor = f32x4.splat(-load<f32>(Scratch.tokens(r, s, TOKEN_ROW_erases) + (<usize>t << 2)));
  const parts = Scratch.parts(r, s) + OTHER_PARTS;
  for (let l = 0; l < t; l += 4) v128.store(to + (<usize>l << 2), f32x4.mul(factor, joinSums(parts + <usize>l * PARTS)));
}

@inline
export function multiplyRow(row: usize, by: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = f32x4.mul(v128.load(row + i, 0), v128.load(by + i, 0));
    const b = f32x4.mul(v128.load(row + i, 16), v128.load(by + i, 16));
    v128.store(row + i, a, 0);
    v128.store(row + i, b, 16);
  }
}

@inline
function scaleBy(row: usize, by: usize, factor: f32, bytes: usize): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = f32x4.mul(f32x4.mul(f, v128.load(row + i, 0)), v128.load(by + i, 0));
    const b = f32x4.mul(f32x4.mul(f, v128.load(row + i, 16)), v128.load(by + i, 16));
    v128.store(row + i, a, 0);
    v128.store(row + i, b, 16);
  }
}
