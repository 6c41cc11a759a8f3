import { Call } from "./call";
import { Lane } from "./lane";
import { addValues, scoreKeys } from "./matrix-vector";
import { writeScaled } from "./rows";
import { weighRow } from "./weigh-row";

/**
 * Attention to the means of blocks that have ended, one token at a time. A head of k and v of a batch entry is a slice: it keeps the means
 * in rows like those of a cache, and the sums of the block under way in float64, d of keys and then those of values.
 */

/** Takes `count` tokens of a slice in, from position `first` on: k `[count, d]` and v `[count, valueDim]` in the call. */
export function addPooled(call: usize, slice: i32, first: i32, count: i32): void {
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  for (let t = 0; t < count; t++) addToken(call, slice, first + t, Call.k(call) + <usize>t * keyBytes, Call.v(call) + <usize>t * valueBytes);
}

/** One token more; the last one of a block ends it. */
function addToken(call: usize, slice: i32, position: i32, key: usize, value: usize): void {
  const d = Call.d(call);
  const valueDim = Call.valueDim(call);
  const sums = Call.state(call, slice);
  const valueSums = sums + (<usize>d << 3);
  addWide(key, d, sums);
  addWide(value, valueDim, valueSums);
  const size = Call.blockTokens(call);
  if ((position + 1) % size != 0) return;
  const block: usize = position / size;
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  const valueRow: usize = <usize>Call.width(call) << 2;
  writeMean(sums, d, size, Call.pooledKeys(call, slice) + block * keyRow, keyRow);
  writeMean(valueSums, valueDim, size, Call.pooledValues(call, slice) + block * valueRow, valueRow);
  memory.fill(sums, 0, <usize>(d + valueDim) << 3);
}

/** sums += numbers, of `count` numbers. */
export function addWide(numbers: usize, count: i32, sums: usize): void {
  let i: usize = 0;
  for (; i + 2 <= <usize>count; i += 2) {
    const sum = sums + (i << 3);
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(v128.load64_zero(numbers + (i << 2)))));
  }
  if (i < <usize>count) store<f64>(sums + (i << 3), load<f64>(sums + (i << 3)) + <f64>load<f32>(numbers + (i << 2)));
}

/** A mean, and zeros up to the end of its row. */
export function writeMean(sums: usize, count: i32, size: i32, row: usize, rowBytes: usize): void {
  memory.fill(row, 0, rowBytes);
  for (let i: usize = 0; i < <usize>count; i++) store<f32>(row + (i << 2), <f32>(load<f64>(sums + (i << 3)) / <f64>size));
}

/** One token, q `[slices · readers, d]`, k, v and out alike in the call: each slice takes it in, and its readers attend what has ended. */
export function decodePooled(call: usize, lane: usize, position: i32): void {
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const ended = (position + 1) / Call.blockTokens(call);
  let query = Call.q(call), out = Call.out(call);
  let key = Call.k(call), value = Call.v(call);
  for (let slice = 0; slice < Call.slices(call); slice++) {
    addToken(call, slice, position, key, value);
    for (let r = 0; r < Call.readers(call); r++) {
      attend(call, lane, slice, ended, query, out);
      query += keyBytes;
      out += valueBytes;
    }
    key += keyBytes;
    value += valueBytes;
  }
}

/** Softmax attention of one query to the first `ended` means; 0 if there are none. */
function attend(call: usize, lane: usize, slice: i32, ended: i32, query: usize, out: usize): void {
  const valueDim = Call.valueDim(call);
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  const valueRow: usize = <usize>Call.width(call) << 2;
  const output = Lane.output(lane);
  const scores = Lane.scores(lane);
  memory.fill(output, 0, valueRow);
  if (ended == 0) {
    writeScaled(output, valueDim, 0, out);
    return;
  }
  const scaled = Lane.queries(lane);
  memory.fill(scaled, 0, keyRow);
  writeScaled(query, Call.d(call), Call.factor(call), scaled);
  scoreKeys(scaled, Call.pooledKeys(call, slice), keyRow, ended, keyRow, scores, Lane.parts(lane));
  const inverse = weighRow(call, 0, 0, scores, ended, Lane.parts(lane));
  addValues(scores, Call.pooledValues(call, slice), valueRow, ended, valueRow, output);
  writeScaled(output, valueDim, inverse, out);
}
