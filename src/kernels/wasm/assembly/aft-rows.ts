import {
  biasesOfChunk, channelBytes, chunksOf, fading, maximaAt, packBiases, sumsAfter, sumsBefore, tokensOf, valuesOfChunk, weighChunk, weightOf,
} from "./aft-chunks";
import { finishRow } from "./aft-gate";
import { Call } from "./call";
import { PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW, SCORE_ROW } from "./generated/layout";
import { scoresTile, valuesTile } from "./generated/micro";
import { Lane } from "./lane";
import { addValues } from "./matrix-vector";
import { copyRows } from "./pack";
import { exp2, joinMaxima, rowMaximum, rowWeights } from "./softmax";
import { LEAST, weighPanel } from "./weigh";

/**
 * One block of rows. Chunks that all of them see are weighed by `e^w`, as softmax weighs values, which here are keys and values side by
 * side; keys beyond the window are sums that were made before. Causal, the chunk of the rows themselves comes last, key by key.
 */
export function runBlock(call: usize, lane: usize, block: i32): void {
  const first = block * QUERIES;
  const rows = tokensOf(call, block);
  const biasBytes: usize = <usize>Call.rank(call) << 2;
  copyRows(Call.rowBiases(call) + <usize>first * biasBytes, biasBytes, rows, biasBytes, Lane.queries(lane), QUERY_ROW);
  const window = Call.window(call);
  let from = 0;
  let to = Call.causal(call) ? block : chunksOf(call);
  if (window != 0) {
    from = max(0, first - window + 1) / QUERIES;
    to = min(to, (first + rows - 1 + window + QUERIES - 1) / QUERIES);
  }
  if (Call.weighted(call) == 0) makeChunks(call, lane, from, Call.causal(call) ? block + 1 : to);
  beginRows(call, lane, from, to);
  for (let chunk = from; chunk < to; chunk++) {
    if (chunk > 0) raiseKeys(call, lane, chunk);
    addChunk(call, lane, first, rows, chunk);
  }
  if (Call.causal(call)) {
    addOwnKeys(call, lane, first, rows, block);
    return;
  }
  const largest = maximaAt(call, 0);
  for (let r = 0; r < rows; r++) {
    const at: usize = <usize>r << 2;
    const output = Lane.output(lane) + <usize>r * (channelBytes(call) << 1);
    finishRow(call, lane, first + r, output, largest, load<f32>(Lane.maximum(lane) + at), load<f32>(Lane.total(lane) + at));
  }
}

/** Makes the chunks `from … to - 1` in the lane, without those that a block before has made. */
function makeChunks(call: usize, lane: usize, from: i32, to: i32): void {
  for (let chunk = max(from, load<i32>(Lane.made(lane))); chunk < to; chunk++) {
    weighChunk(call, lane, chunk);
    packBiases(call, lane, chunk);
  }
  store<i32>(Lane.made(lane), to);
}

/** Begins rows with the sums of the keys before chunk `from` and, not causal, from chunk `to` on, whose bias is 0. */
function beginRows(call: usize, lane: usize, from: i32, to: i32): void {
  const bytes = channelBytes(call) << 1;
  const output = Lane.output(lane);
  const after = !Call.causal(call) && to < chunksOf(call);
  const summed = from > 0 || after;
  for (let r: usize = 0; r < <usize>QUERIES << 2; r += 16) {
    v128.store(Lane.maximum(lane) + r, f32x4.splat(summed ? 0 : -Infinity));
    v128.store(Lane.total(lane) + r, f32x4.splat(summed ? 1 : 0));
  }
  memory.fill(output, 0, bytes);
  if (summed) {
    for (let i: usize = 0; i < bytes; i += 16) {
      let sum = v128.load(sumsBefore(call, from) + i);
      if (after) sum = f32x4.add(sum, v128.load(sumsAfter(call, to) + i));
      v128.store(output + i, sum);
    }
  }
  for (let r = 1; r < QUERIES; r++) memory.copy(output + <usize>r * bytes, output, bytes);
}

/** Brings the sums of all rows from the largest keys up to the chunk before to those up to this one, where they differ. */
function raiseKeys(call: usize, lane: usize, chunk: i32): void {
  const half = channelBytes(call);
  const largest = maximaAt(call, chunk);
  const end = Lane.output(lane) + <usize>QUERIES * (half << 1);
  for (let i: usize = 0; i < half; i += 16) {
    const from = v128.load(largest - half + i), to = v128.load(largest + i);
    if (i32x4.all_true(f32x4.eq(from, to))) continue;
    const fade = fading(from, to);
    for (let row = Lane.output(lane) + i; row < end; row += half << 1) {
      v128.store(row, f32x4.mul(fade, v128.load(row)));
      v128.store(row + half, f32x4.mul(fade, v128.load(row + half)));
    }
  }
}

/** Biases of the rows and the keys of a chunk, in powers of 2. */
function biasScores(call: usize, lane: usize, first: i32, rows: i32, chunk: i32): void {
  const rank = Call.rank(call);
  const origin = chunk * QUERIES;
  const keys = tokensOf(call, chunk);
  const panelBytes: usize = <usize>(rank * PANEL_KEYS) << 2;
  let panel = biasesOfChunk(call, lane, chunk);
  for (let column = 0; column < keys; column += PANEL_KEYS) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
      scoresTile(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, panel, PANEL_KEYS << 2, scores, SCORE_ROW, rank);
    }
    panel += panelBytes;
  }
  const window = Call.window(call);
  if (window == 0) return;
  for (let r = 0; r < rows; r++) {
    const row = Lane.scores(lane) + <usize>r * SCORE_ROW;
    const last = first + r - window - origin;
    const next = first + r + window - origin;
    if (last >= 0) memory.fill(row, 0, <usize>min(keys, last + 1) << 2);
    if (next < keys) memory.fill(row + (<usize>max(0, next) << 2), 0, <usize>(keys - max(0, next)) << 2);
  }
}

/** Adds a chunk that all rows see. */
function addChunk(call: usize, lane: usize, first: i32, rows: i32, chunk: i32): void {
  biasScores(call, lane, first, rows, chunk);
  const keys = tokensOf(call, chunk);
  const columns = (keys + 7) & ~7;
  const rowBytes = channelBytes(call) << 1;
  for (let r = 0; r < rows; r += PANEL_QUERIES) {
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    if (columns != keys) for (let n: usize = 0; n < <usize>PANEL_QUERIES; n++) clearColumns(scores + n * SCORE_ROW, keys, columns);
    const word: usize = <usize>r << 2;
    const output = Lane.output(lane) + <usize>r * rowBytes;
    weighPanel(lane, scores, columns, 0, Lane.maximum(lane) + word, Lane.total(lane) + word, output, rowBytes);
  }
  const weighted = valuesOfChunk(call, lane, chunk);
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW;
      valuesTile(rows - r, weights, weighted + i, rowBytes, Lane.output(lane) + <usize>r * rowBytes + i, rowBytes, keys);
    }
  }
}

/** Columns that no row sees. */
function clearColumns(row: usize, from: i32, to: i32): void {
  for (let at = row + (<usize>from << 2), end = row + (<usize>to << 2); at < end; at += 4) store<f32>(at, -Infinity);
}

/**
 * Adds the keys of the rows themselves, each to its own row and those after it, and finishes the rows. What has been summed is relative to the largest key that
 * the row sees, and not to larger ones which come later.
 */
function addOwnKeys(call: usize, lane: usize, first: i32, rows: i32, block: i32): void {
  const half = channelBytes(call);
  const rowBytes = half << 1;
  const own = Lane.own(lane);
  const largest = Lane.largest(lane);
  biasScores(call, lane, first, rows, block);
  if (block > 0) memory.copy(largest, maximaAt(call, block - 1), half);
  else for (let i: usize = 0; i < half; i += 16) v128.store(largest + i, f32x4.splat(LEAST));
  const parts = Lane.parts(lane);
  for (let r = 0; r < rows; r++) {
    addOwnKey(call, lane, first + r, r);
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    const columns = (r + 8) & ~7;
    clearColumns(scores, r + 1, columns);
    rowMaximum(scores, columns, parts);
    const before = load<f32>(Lane.maximum(lane) + (<usize>r << 2));
    const largestHere = f32x4.extract_lane(joinMaxima(parts), 0);
    const maximum = before > largestHere ? before : largestHere;
    rowWeights(scores, columns, f32x4.splat(maximum), parts);
    const output = Lane.output(lane) + <usize>r * rowBytes;
    const shrink: f32 = before == maximum ? 1 : f32x4.extract_lane(exp2(f32x4.splat(before - maximum)), 0);
    fadeRow(output, block == 0 ? 0 : maximaAt(call, block - 1), largest, half, shrink);
    addValues(scores, own, rowBytes, r + 1, rowBytes, output);
    const total = shrink * load<f32>(Lane.total(lane) + (<usize>r << 2)) + sumOfParts(parts);
    finishRow(call, lane, first + r, output, largest, maximum, total);
  }
}

/** A sum in 8 parts. */
@inline
function sumOfParts(parts: usize): f32 {
  const sum = f32x4.add(v128.load(parts, 0), v128.load(parts, 16));
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/** Brings a row's sums to the largest keys that it sees, and to a larger bias; there are none without a chunk before. */
function fadeRow(output: usize, from: usize, largest: usize, half: usize, shrink: f32): void {
  if (from == 0) return;
  const factor = f32x4.splat(shrink);
  for (let i: usize = 0; i < half; i += 16) {
    const fade = f32x4.mul(factor, fading(v128.load(from + i), v128.load(largest + i)));
    v128.store(output + i, f32x4.mul(fade, v128.load(output + i)));
    v128.store(output + half + i, f32x4.mul(fade, v128.load(output + half + i)));
  }
}

/** Takes in the key of row r, and makes those before it relative to it where it is larger. */
function addOwnKey(call: usize, lane: usize, token: i32, r: i32): void {
  const half = channelBytes(call);
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const key = Call.k(call) + <usize>token * keyBytes;
  const value = Call.v(call) + <usize>token * keyBytes;
  const own = Lane.own(lane);
  const to = own + <usize>r * (half << 1);
  for (let i: usize = 0; i < half; i += 16) {
    const k = v128.load(key + i);
    const before = v128.load(Lane.largest(lane) + i);
    const largest = f32x4.pmax(before, k);
    v128.store(Lane.largest(lane) + i, largest);
    if (!i32x4.all_true(f32x4.eq(before, largest))) {
      const fade = fading(before, largest);
      for (let row = own + i; row < to; row += half << 1) {
        v128.store(row, f32x4.mul(fade, v128.load(row)));
        v128.store(row + half, f32x4.mul(fade, v128.load(row + half)));
      }
    }
    const weight = weightOf(f32x4.sub(k, largest));
    v128.store(to + i, f32x4.mul(weight, v128.load(value + i)));
    v128.store(to + half + i, weight);
  }
}
