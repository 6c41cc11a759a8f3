import {
  ERASE_never, QUERY_ROW, TOKEN_ROW_keyNorms, TOKEN_ROW_ofWrites, TOKEN_ROW_queryNorms, TOKEN_ROW_written, UNIT_both,
  UNIT_none, WRITE_one,
} from "../../generated/layout";
import { multiplyAdd } from "../../generated/micro";
import { writeScaled } from "../../rows";
import { scaleRow } from "../../softmax";
import { LEAST_SQUARE, multiplyRows } from "../rows";
import { Recurrence, Scratch } from "../words";
import { ofGates } from "./gates";
import { dotRow } from "./products";
import { Backward, Rows } from "./words";

/** From the gradients of a chunk's rows and gates to those of the inputs that they are made of; writes out those of its tokens. */
export function closeChunk(r: usize, s: usize, slice: i32, sums: usize, first: i32, count: i32): void {
  ofWrites(r, s, count);
  ofLengths(r, s, count);
  ofGates(r, s, slice, sums, first, count);
  const d = Recurrence.d(r), valueDim = Recurrence.valueDim(r);
  const row: usize = <usize>d << 2, valueRow: usize = <usize>valueDim << 2;
  const dq = Backward.dq(r, slice), dk = Backward.dk(r, slice), dv = Backward.dv(r, slice);
  const skip = Recurrence.skip(r);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW, token: usize = first + t;
    writeScaled(Rows.ofQueries(r, s) + at, d, 1, dq + token * row);
    writeScaled(Rows.ofKeys(r, s) + at, d, 1, dk + token * row);
    const ofValue = Rows.ofValues(r, s) + at;
    if (skip != 0) addScaled(skip, Rows.douts(r, s) + at, ofValue, Recurrence.rowBytes(r));
    writeScaled(ofValue, valueDim, 1, dv + token * valueRow);
  }
}

/** Of what is written by, `β k`: of β, a number a token or a channel, and of k, in its place. */
function ofWrites(r: usize, s: usize, count: i32): void {
  const channels = Recurrence.channels(r);
  const bytes: usize = <usize>channels << 2;
  if (Recurrence.write(r) == WRITE_one) return;
  const ofKeys = Rows.ofKeys(r, s), written = Scratch.tokens(r, s, TOKEN_ROW_written);
  const ofTokens = Scratch.tokens(r, s, TOKEN_ROW_ofWrites), norms = Scratch.tokens(r, s, TOKEN_ROW_keyNorms);
  const isUnit = Recurrence.unit(r) == UNIT_both;
  const perChannel = Recurrence.writePerChannel(r);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW, own: usize = <usize>t << 2;
    const given = Rows.given(r, s) + at, ofKey = ofKeys + at;
    const norm = isUnit ? load<f32>(norms + own) : 1;
    if (perChannel) {
      const to = Rows.ofWrites(r, s) + at;
      const f = f32x4.splat(norm);
      for (let i: usize = 0; i < bytes; i += 32) {
        const a = f32x4.mul(f32x4.mul(f, v128.load(given + i, 0)), v128.load(ofKey + i, 0));
        const b = f32x4.mul(f32x4.mul(f, v128.load(given + i, 16)), v128.load(ofKey + i, 16));
        v128.store(to + i, a, 0);
        v128.store(to + i, b, 16);
      }
    } else {
      store<f32>(ofTokens + own, norm * dotRow(given, ofKey, channels));
      scaleRow(ofKey, bytes, load<f32>(written + own));
    }
  }
  if (perChannel) multiplyRows(ofKeys, Scratch.writes(r, s), count, channels);
}

/** Back through lengths and the scale of queries, and of what asks for what is erased to k. */
function ofLengths(r: usize, s: usize, count: i32): void {
  const channels = Recurrence.channels(r);
  const bytes: usize = <usize>channels << 2;
  const unit = Recurrence.unit(r), scale = Recurrence.scale(r);
  const erases = Recurrence.erase(r) != ERASE_never;
  const keyNorms = Scratch.tokens(r, s, TOKEN_ROW_keyNorms), queryNorms = Scratch.tokens(r, s, TOKEN_ROW_queryNorms);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW, own: usize = <usize>t << 2;
    const given = Rows.given(r, s) + at;
    const ofQuery = Rows.ofQueries(r, s) + at, ofKey = Rows.ofKeys(r, s) + at, ofErasing = Rows.ofErasing(r, s) + at;
    if (unit == UNIT_both) {
      // Rows of queries are q times their norm, which has the scale in it.
      const norm = load<f32>(queryNorms + own);
      across(ofQuery, Rows.queries(r, s) + at, channels, norm, 1, LEAST_SQUARE * norm * norm);
      if (erases) addScaled(1, ofErasing, ofKey, bytes);
      const keyNorm = load<f32>(keyNorms + own);
      across(ofKey, given, channels, keyNorm, 1, LEAST_SQUARE);
      continue;
    }
    if (scale != 1) scaleRow(ofQuery, bytes, scale);
    if (!erases) continue;
    if (unit == UNIT_none) {
      addScaled(1, ofErasing, ofKey, bytes);
      continue;
    }
    // k / (|k|² + ε): what is along k counts twice.
    const square = load<f32>(keyNorms + own) * load<f32>(keyNorms + own);
    across(ofErasing, given, channels, square, 2, LEAST_SQUARE);
    addScaled(1, ofErasing, ofKey, bytes);
  }
}

/**
 * The gradient of a row becomes `(g - times · x (x·g) / (|x|² + ε)) factor`. Most of it may be along x: it is taken away by a
 * quotient of sums, since what a length was rounded by would stay.
 */
function across(gradient: usize, x: usize, channels: i32, factor: f32, times: f32, least: f32): void {
  const square = dotRow(x, x, channels) + least;
  const along: f32 = square == 0 ? 0 : times * dotRow(x, gradient, channels) / square;
  addScaled(-along, x, gradient, <usize>channels << 2);
  scaleRow(gradient, <usize>channels << 2, factor);
}

/** to += factor · from, of rows of `bytes` bytes. */
export function addScaled(factor: f32, from: usize, to: usize, bytes: usize): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = multiplyAdd(f, v128.load(from + i, 0), v128.load(to + i, 0));
    const b = multiplyAdd(f, v128.load(from + i, 16), v128.load(to + i, 16));
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
}
