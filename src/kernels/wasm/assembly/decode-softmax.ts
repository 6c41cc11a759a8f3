import { Call } from "./call";
import {
  SLICE_keys, SLICE_lastCount, SLICE_newKey, SLICE_newValue, SLICE_pieces, SLICE_rowAt, SLICE_slotOf, SLICE_values,
} from "./generated/layout";
import { Lane } from "./lane";
import { addValues, scoreKeys } from "./matrix-vector";
import { writeScaled } from "./rows";
import { joinMaxima, joinSums, rowMaximum, rowWeights } from "./softmax";
import { LEAST } from "./weigh";

/**
 * One token in every slice, q `[slices, d]` and out `[slices, valueDim]` in the call: keeps its key and value, where no slice
 * before it has done so that reads the same cache, and attends with its query the keys of its row. Rows of a cache are filled up
 * with zeros to a multiple of 8 floats.
 */
export function decodeSoftmax(call: usize, lane: usize, position: i32): void {
  const slices = Call.slices(call);
  const word: usize = <usize>position << 2;
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const valueRow: usize = <usize>Call.width(call) << 2;
  for (let index = 0; index < slices; index++) {
    const slice = Call.slice(call, index);
    const newKey: usize = load<u32>(slice, SLICE_newKey);
    const slot = load<i32>(<usize>load<u32>(slice, SLICE_slotOf) + word);
    if (slot >= 0 && newKey != 0) {
      const newValue: usize = load<u32>(slice, SLICE_newValue);
      padRow(newKey, keyBytes, 1, <usize>load<u32>(slice, SLICE_keys) + <usize>slot * keyRow, keyRow);
      padRow(newValue, valueBytes, 1, <usize>load<u32>(slice, SLICE_values) + <usize>slot * valueRow, valueRow);
    }
    padRow(Call.q(call) + <usize>index * keyBytes, keyBytes, Call.factor(call), Lane.queries(lane), keyRow);
    attend(call, lane, slice, word, Call.out(call) + <usize>index * valueBytes);
  }
}

/** Copies a row of numbers times a factor, and fills it up with zeros. */
function padRow(from: usize, bytes: usize, factor: f32, to: usize, rowBytes: usize): void {
  writeScaled(from, <i32>(bytes >> 2), factor, to);
  for (let i = bytes; i < rowBytes; i += 4) store<f32>(to + i, 0);
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
  let scores = Lane.scores(lane);
  for (let piece = pieces; piece < end; piece += 12) {
    const count = piece + 12 == end ? lastCount : load<i32>(piece, 12);
    const first = keys + <usize>load<i32>(piece, 4) * keyRow;
    scoreKeys(Lane.queries(lane), first, <usize>load<i32>(piece, 8) * keyRow, count, keyRow, scores, Lane.parts(lane));
    scores += <usize>count << 2;
  }
  const inverse: f32 = 1 / weigh(lane, <i32>((scores - Lane.scores(lane)) >> 2));
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

/** Turns the lane's `count` scores into weights and returns their sum. */
function weigh(lane: usize, count: i32): f32 {
  const scores = Lane.scores(lane);
  const parts = Lane.parts(lane);
  const end: usize = scores + (<usize>count << 2);
  v128.store(end, f32x4.splat(-Infinity), 0);
  v128.store(end, f32x4.splat(-Infinity), 16);
  const columns = (count + 7) & ~7;
  rowMaximum(scores, columns, parts);
  const maximum = f32x4.extract_lane(joinMaxima(parts), 0);
  // Less a maximum of -∞, scores of -∞ would be NaN.
  rowWeights(scores, columns, f32x4.pmax(f32x4.splat(LEAST), f32x4.splat(maximum)), parts);
  return f32x4.extract_lane(joinSums(parts), 0);
}
