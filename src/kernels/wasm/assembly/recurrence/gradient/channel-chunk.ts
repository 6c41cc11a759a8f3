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
  if (erase != ERASE_never) {
    for (let t = 0; t < count; t++) {
      negate(Rows.ofErasing(r, s) + <usize>t * QUERY_ROW, bytes, Rows.moreProducts(r, s) + <usize>t * SCORE_ROW, t);
    }
  }
  fillFloats(Scratch.row(r, s, CHANNEL_ROW_running), channels, 1);
  for (let t = 0; t < count; t++) {
    readBefore(r, s, t, bytes);
    readEarlier(r, s, t, bytes);
    readItself(r, s, t, bytes);
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

/** Token t reads what is left of the state before the chunk, by its query and by what asks for what is erased. */
function readBefore(r: usize, s: usize, t: i32, bytes: usize): void {
  const at: usize = <usize>t * QUERY_ROW;
  const query = Rows.queries(r, s) + at, ofQuery = Rows.ofQueries(r, s) + at;
  const asking = Rows.erasing(r, s) + at, ofAsking = Rows.ofErasing(r, s) + at;
  const running = Scratch.row(r, s, CHANNEL_ROW_running);
  const before = Recurrence.readsBefore(r), erase = Recurrence.erase(r);
  const reads = Rows.ofReads(r, s) + at;
  memory.fill(reads, 0, bytes);
  // Nothing has decayed before the first token does.
  if (t > 0 && before) readState(running, query, ofQuery, reads - QUERY_ROW, bytes);
  if (t > 0 && erase == ERASE_beforeDecay) readState(running, asking, ofAsking, reads - QUERY_ROW, bytes);
  multiplyRow(running, Scratch.decays(r, s) + at, bytes);
  if (!before) readState(running, query, ofQuery, reads, bytes);
  if (erase == ERASE_afterDecay) readState(running, asking, ofAsking, reads, bytes);
}

/** The gradient of a row that reads a state of which so much is left, and what the decays up to then get of that. */
function readState(left: usize, row: usize, ofRow: usize, reads: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = f32x4.mul(v128.load(left + i, 0), v128.load(ofRow + i, 0));
    const b = f32x4.mul(v128.load(left + i, 16), v128.load(ofRow + i, 16));
    const c = multiplyAdd(v128.load(row + i, 0), a, v128.load(reads + i, 0));
    const e = multiplyAdd(v128.load(row + i, 16), b, v128.load(reads + i, 16));
    v128.store(ofRow + i, a, 0);
    v128.store(ofRow + i, b, 16);
    v128.store(reads + i, c, 0);
    v128.store(reads + i, e, 16);
  }
}

/** Token t reads what is left of earlier tokens, each row before or after its own decay. */
function readEarlier(r: usize, s: usize, t: i32, bytes: usize): void {
  const before = Recurrence.readsBefore(r), erase = Recurrence.erase(r);
  if (erase == ERASE_never) {
    if (before) readPairs(r, s, t, bytes, true, ERASE_never);
    else readPairs(r, s, t, bytes, false, ERASE_never);
  } else if (erase == ERASE_beforeDecay) {
    if (before) readPairs(r, s, t, bytes, true, ERASE_beforeDecay);
    else readPairs(r, s, t, bytes, false, ERASE_beforeDecay);
  } else if (before) readPairs(r, s, t, bytes, true, ERASE_afterDecay);
  else readPairs(r, s, t, bytes, false, ERASE_afterDecay);
}

/**
 * The gradients of both rows, of earlier tokens, and of the decays in between: of a row that reads before its own decay, of all but
 * that. What is left of earlier tokens decays here. `before` and `erase` are constants, as this is inlined.
 */
@inline
function readPairs(r: usize, s: usize, t: i32, bytes: usize, before: bool, erase: i32): void {
  const erases = erase != ERASE_never, erasesBefore = erase == ERASE_beforeDecay;
  const at: usize = <usize>t * QUERY_ROW, pairs: usize = <usize>t * SCORE_ROW;
  const products = Rows.products(r, s) + pairs, moreProducts = Rows.moreProducts(r, s) + pairs;
  const queries = Rows.queries(r, s) + at, asking = Rows.erasing(r, s) + at, alphas = Scratch.decays(r, s) + at;
  const ofQueries = Rows.ofQueries(r, s) + at, ofAsking = Rows.ofErasing(r, s) + at;
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const alpha0 = v128.load(alphas + i, 0), alpha1 = v128.load(alphas + i, 16);
    const x0 = v128.load(queries + i, 0), x1 = v128.load(queries + i, 16);
    let a0 = v128.load(ofQueries + i, 0), a1 = v128.load(ofQueries + i, 16);
    let y0 = zero, y1 = zero, b0 = zero, b1 = zero;
    if (erases) {
      y0 = v128.load(asking + i, 0);
      y1 = v128.load(asking + i, 16);
      b0 = v128.load(ofAsking + i, 0);
      b1 = v128.load(ofAsking + i, 16);
    }
    // What decays get of pairs with tokens up to one.
    let c0 = zero, c1 = zero, e0 = zero, e1 = zero;
    let share = Rows.shares(r, s) + i, key = Rows.keys(r, s) + i, ofKey = Rows.ofKeys(r, s) + i, log = Rows.ofLogs(r, s) + i;
    for (let l: usize = 0; l < <usize>t << 2; l += 4) {
      const d0 = v128.load(share, 0), d1 = v128.load(share, 16), k0 = v128.load(key, 0), k1 = v128.load(key, 16);
      let m0 = v128.load(ofKey, 0), m1 = v128.load(ofKey, 16), n0 = v128.load(log, 0), n1 = v128.load(log, 16);
      const g = v128.load32_splat(products + l);
      const later0 = f32x4.mul(d0, alpha0), later1 = f32x4.mul(d1, alpha1);
      n0 = f32x4.add(n0, c0);
      n1 = f32x4.add(n1, c1);
      const p0 = f32x4.mul(g, x0), p1 = f32x4.mul(g, x1);
      const s0 = before ? d0 : later0, s1 = before ? d1 : later1;
      const u0 = f32x4.mul(s0, k0), u1 = f32x4.mul(s1, k1);
      m0 = multiplyAdd(p0, s0, m0);
      m1 = multiplyAdd(p1, s1, m1);
      a0 = multiplyAdd(g, u0, a0);
      a1 = multiplyAdd(g, u1, a1);
      c0 = multiplyAdd(p0, u0, c0);
      c1 = multiplyAdd(p1, u1, c1);
      if (erases) {
        const h = v128.load32_splat(moreProducts + l);
        n0 = f32x4.add(n0, e0);
        n1 = f32x4.add(n1, e1);
        const q0 = f32x4.mul(h, y0), q1 = f32x4.mul(h, y1);
        const z0 = erasesBefore ? d0 : later0, z1 = erasesBefore ? d1 : later1;
        const o0 = erasesBefore == before ? u0 : f32x4.mul(z0, k0), o1 = erasesBefore == before ? u1 : f32x4.mul(z1, k1);
        m0 = multiplyAdd(q0, z0, m0);
        m1 = multiplyAdd(q1, z1, m1);
        b0 = multiplyAdd(h, o0, b0);
        b1 = multiplyAdd(h, o1, b1);
        e0 = multiplyAdd(q0, o0, e0);
        e1 = multiplyAdd(q1, o1, e1);
      }
      v128.store(share, later0, 0);
      v128.store(share, later1, 16);
      v128.store(ofKey, m0, 0);
      v128.store(ofKey, m1, 16);
      v128.store(log, n0, 0);
      v128.store(log, n1, 16);
      share += QUERY_ROW;
      key += QUERY_ROW;
      ofKey += QUERY_ROW;
      log += QUERY_ROW;
    }
    v128.store(ofQueries + i, a0, 0);
    v128.store(ofQueries + i, a1, 16);
    if (erases) {
      v128.store(ofAsking + i, b0, 0);
      v128.store(ofAsking + i, b1, 16);
    }
    if (before && (!erases || erasesBefore)) {
      c0 = zero;
      c1 = zero;
    } else if (before) {
      c0 = e0;
      c1 = e1;
    } else if (erases && !erasesBefore) {
      c0 = f32x4.add(c0, e0);
      c1 = f32x4.add(c1, e1);
    }
    v128.store(log, c0, 0);
    v128.store(log, c1, 16);
  }
}

/** Token t reads itself by its query, whatever decays; so much of it is left. */
function readItself(r: usize, s: usize, t: i32, bytes: usize): void {
  const at: usize = <usize>t * QUERY_ROW;
  const product = load<f32>(Rows.products(r, s) + <usize>t * SCORE_ROW + (<usize>t << 2));
  const g = f32x4.splat(Recurrence.readsBefore(r) ? product * Recurrence.bonus(r) : product), one = f32x4.splat(1);
  const query = Rows.queries(r, s) + at, ofQuery = Rows.ofQueries(r, s) + at;
  const key = Rows.keys(r, s) + at, ofKey = Rows.ofKeys(r, s) + at, share = Rows.shares(r, s) + at;
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = multiplyAdd(g, v128.load(key + i, 0), v128.load(ofQuery + i, 0));
    const b = multiplyAdd(g, v128.load(key + i, 16), v128.load(ofQuery + i, 16));
    const c = f32x4.mul(g, v128.load(query + i, 0)), e = f32x4.mul(g, v128.load(query + i, 16));
    v128.store(ofQuery + i, a, 0);
    v128.store(ofQuery + i, b, 16);
    v128.store(ofKey + i, c, 0);
    v128.store(ofKey + i, e, 16);
    v128.store(share + i, one, 0);
    v128.store(share + i, one, 16);
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
