import { addPlaced } from "./bias";
import { Call } from "./call";
import { padRow, putQuery, scoreCached } from "./decode-scores";
import {
  SLICE_bias, SLICE_keys, SLICE_lastCount, SLICE_pieces, SLICE_placeAt, SLICE_rowAt, SLICE_rowNumbers, SLICE_slotOf, SLICE_values,
} from "./generated/layout";
import { Lane } from "./lane";
import { addValues, ROWS } from "./matrix-vector";
import { writeScaled } from "./rows";
import { turnRows } from "./turn";
import { weighRow } from "./weigh-row";

/**
 * One token, q `[slices · readers, d]` and out `[slices · readers, valueDim]` in the call: every cache, which is a slice, keeps
 * its key and value, and the queries of the heads that read it attend the keys of their row. Rows of a cache are filled up with
 * zeros to a multiple of 8 floats. If queries and keys are turned, the token's are first, where they are; keys are kept turned.
 */
export function decodeSoftmax(call: usize, lane: usize, position: i32): void {
  const slices = Call.slices(call);
  const readers = Call.readers(call);
  const cachesPerHead = Call.cachesPerHead(call);
  const word: usize = <usize>position << 2;
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const valueRow: usize = <usize>Call.width(call) << 2;
  let query = Call.q(call);
  let key = Call.k(call);
  let value = Call.v(call);
  let out = Call.out(call);
  if (Call.turns(call) != 0) {
    turnRows(call, query, keyBytes, slices * readers, position, 0, query, keyBytes);
    turnRows(call, key, keyBytes, slices / cachesPerHead, position, 0, key, keyBytes);
  }
  let ofHead = 0;
  for (let index = 0; index < slices; index++) {
    const slice = Call.slice(call, index);
    const slot = load<i32>(<usize>load<u32>(slice, SLICE_slotOf) + word);
    if (slot >= 0) {
      const row: usize = slot;
      padRow(key, keyBytes, 1, <usize>load<u32>(slice, SLICE_keys) + row * keyRow, keyRow);
      padRow(value, valueBytes, 1, <usize>load<u32>(slice, SLICE_values) + row * valueRow, valueRow);
    }
    if (++ofHead == cachesPerHead) {
      ofHead = 0;
      key += keyBytes;
      value += valueBytes;
    }
    if (readers == 1) {
      putQuery(call, lane, slice, 0, query);
      attend(call, lane, slice, word, out);
    } else attendTogether(call, lane, slice, word, query, out);
    query += <usize>readers * keyBytes;
    out += <usize>readers * valueBytes;
  }
}

/** Softmax attention of the query in the lane over one row's pieces, whose format is that of `decode/compile-decode.ts`. */
function attend(call: usize, lane: usize, slice: usize, word: usize, out: usize): void {
  const valueDim = Call.valueDim(call);
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  const valueRow: usize = <usize>Call.width(call) << 2;
  const pieces: usize = <usize>load<u32>(slice, SLICE_pieces) + (<usize>load<u32>(<usize>load<u32>(slice, SLICE_rowAt) + word) << 2);
  const lastCount = load<i32>(<usize>load<u32>(slice, SLICE_lastCount) + word);
  const end: usize = pieces + <usize>load<i32>(pieces) * 12;
  const output = Lane.output(lane);
  memory.fill(output, 0, valueRow);
  if (end == pieces) {
    writeScaled(output, valueDim, 0, out);
    return;
  }
  const keys: usize = load<u32>(slice, SLICE_keys);
  const biased = Call.bias(call) != 0;
  let scores = Lane.scores(lane);
  for (let piece = pieces; piece < end; piece += 12) {
    const count = piece + 12 == end ? lastCount : load<i32>(piece, 12);
    const first = keys + <usize>load<i32>(piece, 4) * keyRow;
    scoreCached(call, lane, slice, 0, first, <usize>load<i32>(piece, 8) * keyRow, count, scores);
    if (biased) addPieceBias(call, slice, word, 0, piece, 0, count, scores);
    scores += <usize>count << 2;
  }
  const inverse = weighRow(call, load<u32>(slice, SLICE_rowNumbers), word, Lane.scores(lane), <i32>((scores - Lane.scores(lane)) >> 2), Lane.parts(lane));
  const values: usize = load<u32>(slice, SLICE_values);
  let weights = Lane.scores(lane);
  for (let piece = pieces; piece < end; piece += 12) {
    const count = piece + 12 == end ? lastCount : load<i32>(piece, 12);
    const first = values + <usize>load<i32>(piece, 4) * valueRow;
    addValues(weights, first, <usize>load<i32>(piece, 8) * valueRow, count, valueRow, output);
    weights += <usize>count << 2;
  }
  writeScaled(output, valueDim, inverse, out);
}

/**
 * The same of the `readers` queries from `query` on, which take some rows of the cache in turn, while those are near the core: as many as `addValues`
 * sums at once, so that each query's sums are those that it would have by itself.
 */
function attendTogether(call: usize, lane: usize, slice: usize, word: usize, query: usize, out: usize): void {
  const readers: usize = Call.readers(call);
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  for (let r: usize = 0; r < readers; r++) {
    putQuery(call, lane, slice, r, query + r * keyBytes);
  }
  const pieces: usize = <usize>load<u32>(slice, SLICE_pieces) + (<usize>load<u32>(<usize>load<u32>(slice, SLICE_rowAt) + word) << 2);
  const lastCount = load<i32>(<usize>load<u32>(slice, SLICE_lastCount) + word);
  const end: usize = pieces + <usize>load<i32>(pieces) * 12;
  const scoreRow = Call.scoreRow(call);
  const keys: usize = load<u32>(slice, SLICE_keys);
  const biased = Call.bias(call) != 0;
  let scores = Lane.scores(lane);
  for (let piece = pieces; piece < end; piece += 12) {
    let entry = 0;
    const step: usize = <usize>load<i32>(piece, 8) * keyRow;
    let key: usize = keys + <usize>load<i32>(piece, 4) * keyRow;
    for (let left = piece + 12 == end ? lastCount : load<i32>(piece, 12); left > 0; left -= ROWS) {
      const count = min(left, ROWS);
      for (let r: usize = 0; r < readers; r++) {
        scoreCached(call, lane, slice, r, key, step, count, scores + r * scoreRow);
        if (biased) addPieceBias(call, slice, word, r, piece, entry, count, scores + r * scoreRow);
      }
      entry += count;
      scores += <usize>count << 2;
      key += <usize>count * step;
    }
  }
  const count = <i32>((scores - Lane.scores(lane)) >> 2);
  for (let r: usize = 0; r < readers; r++) {
    const row = Lane.scores(lane) + r * scoreRow;
    // What the sum of values is to be multiplied by goes behind the weights, where there is room.
    store<f32>(row + (<usize>count << 2), count == 0 ? 0 : weighRow(call, load<u32>(slice, SLICE_rowNumbers), word, row, count, Lane.parts(lane)));
  }
  const valueRow: usize = <usize>Call.width(call) << 2;
  const output = Lane.output(lane);
  memory.fill(output, 0, readers * valueRow);
  const values: usize = load<u32>(slice, SLICE_values);
  let weights = Lane.scores(lane);
  for (let piece = pieces; piece < end; piece += 12) {
    const step: usize = <usize>load<i32>(piece, 8) * valueRow;
    let value: usize = values + <usize>load<i32>(piece, 4) * valueRow;
    for (let left = piece + 12 == end ? lastCount : load<i32>(piece, 12); left > 0; left -= ROWS) {
      const count = min(left, ROWS);
      for (let r: usize = 0; r < readers; r++) {
        addValues(weights + r * scoreRow, value, step, count, valueRow, output + r * valueRow);
      }
      weights += <usize>count << 2;
      value += <usize>count * step;
    }
  }
  const valueDim = Call.valueDim(call);
  for (let r: usize = 0; r < readers; r++) {
    writeScaled(output + r * valueRow, valueDim, load<f32>(weights + r * scoreRow), out + r * (<usize>valueDim << 2));
  }
}

/**
 * Adds to the scores of `count` keys of a piece, from `entry` on, what the head of reader `r` has at their distances. Places in
 * the cache say which tokens lie there.
 */
function addPieceBias(call: usize, slice: usize, word: usize, r: usize, piece: usize, entry: i32, count: i32, scores: usize): void {
  const places = Call.places(call);
  const place: usize = places == 0 ? word : <usize>load<i32>(places + word);
  const biases = <usize>load<u32>(slice, SLICE_bias) + r * Call.biasBytes(call) - place;
  const step = load<i32>(piece, 8);
  const slot = load<i32>(piece, 4) + entry * step;
  addPlaced(scores, <usize>load<u32>(slice, SLICE_placeAt) + (<usize>slot << 2), <usize>step << 2, count, biases);
}
