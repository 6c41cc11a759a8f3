import {
  CHANNEL_ROW_chunk, CHANNEL_ROW_running, ERASE_afterDecay, ERASE_beforeDecay, ERASE_never, QUERY_ROW, SCORE_ROW,
} from "../../generated/layout";
import { multiplyAdd } from "../../generated/micro";
import { multiplyRow, scoreByChannel } from "../channel-chunk";
import { fillFloats } from "../open";
import { Recurrence, Scratch } from "../words";
import { makeWritten, ofStateRows, ofWritten } from "./chunk";
import { dotRow } from "./products";
import { Rows } from "./words";

/**
 * The same of a chunk whose channels decay by themselves, pair by pair: a row for each earlier token holds what is left of its
 * channels, and is multiplied by the decays of each later one in turn, so that nothing but factors up to 1 is ever multiplied.
 */
export function backByChannel(r: usize, s: usize, first: i32, count: i32, state: usize, after: usize, carefully: bool): void {
  const erase = Recurrence.erase(r);
  const channels = Recurrence.channels(r);
  const bytes: usize = <usize>channels << 2;
  scoreByChannel(r, s, count, true);
  makeWritten(r, s, first, count, state);
  ofWritten(r, s, count, after, carefully);
  // What leaves the chunk with its decay is no longer needed.
  const ofKept = Scratch.keys(r, s);
  ofStateRows(r, s, count, state, after, ofKept);
  const ofQueries = Rows.ofQueries(r, s), ofErasing = Rows.ofErasing(r, s), ofKeys = Rows.ofKeys(r, s);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW;
    memory.fill(ofKeys + at, 0, bytes);
    memory.fill(Rows.ofLogs(r, s) + at, 0, bytes);
    memory.fill(Rows.ofReads(r, s) + at, 0, bytes);
    if (erase != ERASE_never) negate(ofErasing + at, bytes, Rows.moreProducts(r, s) + <usize>t * SCORE_ROW, t);
  }
  const running = Scratch.row(r, s, CHANNEL_ROW_running);
  fillFloats(running, channels, 1);
  const before = Recurrence.readsBefore(r);
  const queries = Rows.queries(r, s), erasing = Rows.erasing(r, s);
  const products = Rows.products(r, s), moreProducts = Rows.moreProducts(r, s);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW, pairs: usize = <usize>t * SCORE_ROW;
    const alpha = Scratch.decays(r, s) + at;
    if (before) readPairs(r, s, t, bytes, t - 1, queries + at, products + pairs, ofQueries + at);
    if (erase == ERASE_beforeDecay) readPairs(r, s, t, bytes, t - 1, erasing + at, moreProducts + pairs, ofErasing + at);
    multiplyRow(running, alpha, bytes);
    for (let l = 0; l < t; l++) multiplyRow(Rows.shares(r, s) + <usize>l * QUERY_ROW, alpha, bytes);
    fillFloats(Rows.shares(r, s) + at, channels, 1);
    if (!before) readPairs(r, s, t, bytes, t, queries + at, products + pairs, ofQueries + at);
    if (erase == ERASE_afterDecay) readPairs(r, s, t, bytes, t, erasing + at, moreProducts + pairs, ofErasing + at);
    const own = load<f32>(products + pairs + (<usize>t << 2)) * (before ? Recurrence.bonus(r) : 1);
    readItself(own, queries + at, Rows.keys(r, s) + at, ofQueries + at, ofKeys + at, bytes);
  }
  ofDecays(r, s, count, bytes, ofKept, state, after);
}

/** A row of gradients, and of products with it, of what is taken away. */
function negate(row: usize, bytes: usize, products: usize, count: i32): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = f32x4.neg(v128.load(row + i, 0)), b = f32x4.neg(v128.load(row + i, 16));
    v128.store(row + i, a, 0);
    v128.store(row + i, b, 16);
  }
  for (let l = 0; l < count; l++) store<f32>(products + (<usize>l << 2), -load<f32>(products + (<usize>l << 2)));
}

/**
 * Token t reads by a row what is left of the state before the chunk and of earlier tokens: the gradients of the row, of those
 * tokens, and of the decays in between, up to those of token `last`.
 */
function readPairs(r: usize, s: usize, t: i32, bytes: usize, last: i32, row: usize, products: usize, ofRow: usize): void {
  const running = Scratch.row(r, s, CHANNEL_ROW_running);
  const ofLogs = Rows.ofLogs(r, s);
  const reads = Rows.ofReads(r, s) + <usize>max(last, 0) * QUERY_ROW;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(row + i, 0), x1 = v128.load(row + i, 16);
    let a0 = f32x4.mul(v128.load(running + i, 0), v128.load(ofRow + i, 0));
    let a1 = f32x4.mul(v128.load(running + i, 16), v128.load(ofRow + i, 16));
    if (last >= 0) {
      const f0 = multiplyAdd(x0, a0, v128.load(reads + i, 0)), f1 = multiplyAdd(x1, a1, v128.load(reads + i, 16));
      v128.store(reads + i, f0, 0);
      v128.store(reads + i, f1, 16);
    }
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0);
    let share = Rows.shares(r, s) + i, key = Rows.keys(r, s) + i, ofKey = Rows.ofKeys(r, s) + i, log = ofLogs + QUERY_ROW + i;
    for (let l = 0; l < t; l++) {
      const g = v128.load32_splat(products + (<usize>l << 2));
      const d0 = v128.load(share, 0), d1 = v128.load(share, 16);
      const y0 = f32x4.mul(d0, v128.load(key, 0)), y1 = f32x4.mul(d1, v128.load(key, 16));
      const z0 = f32x4.mul(g, x0), z1 = f32x4.mul(g, x1);
      const k0 = multiplyAdd(z0, d0, v128.load(ofKey, 0)), k1 = multiplyAdd(z1, d1, v128.load(ofKey, 16));
      a0 = multiplyAdd(g, y0, a0);
      a1 = multiplyAdd(g, y1, a1);
      c0 = multiplyAdd(z0, y0, c0);
      c1 = multiplyAdd(z1, y1, c1);
      const e0 = f32x4.add(v128.load(log, 0), c0), e1 = f32x4.add(v128.load(log, 16), c1);
      v128.store(ofKey, k0, 0);
      v128.store(ofKey, k1, 16);
      if (l < last) {
        v128.store(log, e0, 0);
        v128.store(log, e1, 16);
      }
      share += QUERY_ROW;
      key += QUERY_ROW;
      ofKey += QUERY_ROW;
      log += QUERY_ROW;
    }
    v128.store(ofRow + i, a0, 0);
    v128.store(ofRow + i, a1, 16);
  }
}

/** A token reads itself, whatever decays. */
function readItself(product: f32, row: usize, key: usize, ofRow: usize, ofKey: usize, bytes: usize): void {
  const g = f32x4.splat(product);
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = multiplyAdd(g, v128.load(key + i, 0), v128.load(ofRow + i, 0));
    const b = multiplyAdd(g, v128.load(key + i, 16), v128.load(ofRow + i, 16));
    const c = multiplyAdd(g, v128.load(row + i, 0), v128.load(ofKey + i, 0));
    const e = multiplyAdd(g, v128.load(row + i, 16), v128.load(ofKey + i, 16));
    v128.store(ofRow + i, a, 0);
    v128.store(ofRow + i, b, 16);
    v128.store(ofKey + i, c, 0);
    v128.store(ofKey + i, e, 16);
  }
}

/**
 * Adds what keys get of the gradient after the chunk, and what decays get of that, of what goes through the whole chunk, and of
 * what is read of the state before it: of each channel.
 */
function ofDecays(r: usize, s: usize, count: i32, bytes: usize, ofKept: usize, state: usize, after: usize): void {
  const rowBytes = Recurrence.rowBytes(r);
  const through = Scratch.row(r, s, CHANNEL_ROW_running), chunk = Scratch.row(r, s, CHANNEL_ROW_chunk);
  memory.fill(through, 0, bytes);
  for (let c = 0; c < Recurrence.d(r); c++) {
    const own: usize = <usize>c << 2;
    const product = dotRow(state + <usize>c * rowBytes, after + <usize>c * rowBytes, Recurrence.valueDim(r));
    store<f32>(through + own, load<f32>(chunk + own) * product);
  }
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW;
    const log = Rows.ofLogs(r, s) + at, share = Rows.shares(r, s) + at, key = Rows.keys(r, s) + at;
    const kept = ofKept + at, ofKey = Rows.ofKeys(r, s) + at;
    for (let i: usize = 0; i < bytes; i += 32) {
      const f0 = v128.load(through + i, 0), f1 = v128.load(through + i, 16);
      const a0 = f32x4.add(v128.load(log + i, 0), f0), a1 = f32x4.add(v128.load(log + i, 16), f1);
      const k0 = f32x4.mul(v128.load(share + i, 0), v128.load(kept + i, 0)), k1 = f32x4.mul(v128.load(share + i, 16), v128.load(kept + i, 16));
      const b0 = f32x4.add(v128.load(ofKey + i, 0), k0), b1 = f32x4.add(v128.load(ofKey + i, 16), k1);
      const e0 = multiplyAdd(v128.load(key + i, 0), k0, f0), e1 = multiplyAdd(v128.load(key + i, 16), k1, f1);
      v128.store(log + i, a0, 0);
      v128.store(log + i, a1, 16);
      v128.store(ofKey + i, b0, 0);
      v128.store(ofKey + i, b1, 16);
      v128.store(through + i, e0, 0);
      v128.store(through + i, e1, 16);
    }
  }
  for (let i: usize = 0; i < bytes; i += 32) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    for (let t = count - 1; t >= 0; t--) {
      const at = <usize>t * QUERY_ROW + i;
      const log = Rows.ofLogs(r, s) + at, reads = Rows.ofReads(r, s) + at;
      a = f32x4.add(a, v128.load(reads, 0));
      b = f32x4.add(b, v128.load(reads, 16));
      const x = f32x4.add(v128.load(log, 0), a), y = f32x4.add(v128.load(log, 16), b);
      v128.store(log, x, 0);
      v128.store(log, y, 16);
    }
  }
}
