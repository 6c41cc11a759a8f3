import { attendTile, byUnits, clearState, fetchQueries, groupRows, packKeysOf, scoreTile, signOf, unitOf } from "./attend-tile";
import { COLUMNS, PANEL_KEYS, PANEL_QUERIES, QUERIES, SCORE_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { logSum } from "./ln";
import { addAttendedValues, clearPanelEdges } from "./mask";
import { Matrix } from "./matrix";
import { packPanels } from "./pack";
import { writeScaled } from "./rows";
import { exp2, scaleRow } from "./softmax";
import { Step } from "./step";
import { LEAST, weighPanel } from "./weigh";

/**
 * Cross attention of a chain, in one of two ways. Where there are few keys they are packed once, and threads share the rows of queries.
 * Where there are many keys and few queries threads share the keys: each segment of them has a state of its own for all queries, and the
 * states are joined in their order, so that the result does not depend on who computed which.
 */

/** Packs keys `from … to-1`. */
export function packStep(step: usize, from: i32, to: i32): void {
  packKeysOf(step, from, to - from, Step.packed(step) + <usize>from * (<usize>Step.channels(step) << 2));
}

/** Rows `from … to-1` of the queries against all keys, which are packed. */
export function attendRows(step: usize, lane: usize, from: i32, to: i32): void {
  const keyBytes: usize = <usize>Step.channels(step) << 2;
  const maximum = Lane.maximum(lane), total = Lane.total(lane), output = Lane.output(lane);
  for (let first = from; first < to; first += QUERIES) {
    const rows = min(QUERIES, to - first);
    fetchQueries(step, lane, first, rows);
    clearState(maximum, total, rows);
    const keys = keysOfAll(step, first);
    for (let key = 0; key < keys; key += COLUMNS) {
      const packed = Step.packed(step) + <usize>key * keyBytes;
      attendTile(step, lane, first, rows, packed, key, min(COLUMNS, keys - key), maximum, total, output, key == 0);
    }
    if (Step.size(step) != 0) {
      if (keys == 0) memory.fill(output, 0, <usize>(groupRows(rows) * Step.width(step)) << 2);
      if (endedKeys(step, first + rows - 1) > keys) attendEnded(step, lane, first, rows, keys);
    }
    writeRows(step, first, rows, maximum, total, output);
  }
}

/** Keys that query `first` and all after it attend. */
@inline
export function keysOfAll(step: usize, first: i32): i32 {
  if (Step.by(step) == 0) return Matrix.columns(Step.of(step));
  return Step.size(step) == 0 ? Matrix.rows(Step.by(step)) : endedKeys(step, first);
}

/** Keys that a query attends where they are the summaries of blocks that have ended. */
@inline
export function endedKeys(step: usize, query: i32): i32 {
  const ended = query + 1 + Step.before(step);
  return ended < 0 ? 0 : min(Matrix.rows(Step.by(step)), ended / Step.size(step));
}

/** The keys beyond `common` that only later rows of a group attend: too few for their values to need a tile. */
function attendEnded(step: usize, lane: usize, first: i32, rows: i32, common: i32): void {
  const start = common - common % PANEL_KEYS;
  const low = common - start;
  const columns = endedKeys(step, first + rows - 1) - start;
  const padded = (columns + 7) & ~7;
  const floors = Lane.floors(lane);
  const rowBytes: usize = <usize>Step.width(step) << 2;
  scoreTile(step, lane, first, rows, Step.packed(step) + <usize>start * (<usize>Step.channels(step) << 2), start, columns);
  for (let r = 0; r < rows; r += PANEL_QUERIES) {
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    for (let i = 0; i < PANEL_QUERIES; i++) {
      const end = r + i < rows ? endedKeys(step, first + r + i) - start : low;
      clearRow(scores + <usize>i * SCORE_ROW, low, end, padded);
      store<f32>(floors + (<usize>i << 2), end > low ? LEAST : -Infinity);
    }
    const word: usize = <usize>r << 2;
    const output = Lane.output(lane) + <usize>r * rowBytes;
    weighPanel(lane, scores, padded, floors, Lane.maximum(lane) + word, Lane.total(lane) + word, output, rowBytes);
  }
  for (let r = 0; r < rows; r++) {
    const weights = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>low << 2);
    const count = endedKeys(step, first + r) - common;
    let output = Lane.output(lane) + <usize>r * rowBytes;
    for (let n = 0; Step.values(step, n) != 0; n++) {
      const values = Step.values(step, n);
      const bytes: usize = <usize>Matrix.width(values) << 2;
      // Not those of blocks under way: where they are not finite even weight 0 would spread them.
      addAttendedValues(weights, 0, 0, count, Matrix.row(values, common), Matrix.rowBytes(values), output, bytes);
      output += bytes;
    }
  }
}

/** Leaves the scores of columns `from … to-1` alone. */
@inline
export function clearRow(scores: usize, from: i32, to: i32, columns: i32): void {
  for (let c = 0; c < from; c++) store<f32>(scores + (<usize>c << 2), -Infinity);
  for (let c = to; c < columns; c++) store<f32>(scores + (<usize>c << 2), -Infinity);
}

/** Normalises the state of `rows` rows into rows from `first` on of the results; a row that attended nothing is zero. */
function writeRows(step: usize, first: i32, rows: i32, maximum: usize, total: usize, output: usize): void {
  const rowBytes: usize = <usize>Step.width(step) << 2;
  const logSums = Step.logSums(step);
  const less = Step.less(step);
  const sums = Step.sums(step);
  for (let r = 0; r < rows; r++) {
    const largest = load<f32>(maximum + (<usize>r << 2)) * unitOf(step);
    const sum = load<f32>(total + (<usize>r << 2));
    const factor: f32 = sum == 0 && (largest == -Infinity || Step.leftOut(step) != 0) ? 0 : 1 / sum;
    let from = output + <usize>r * rowBytes;
    for (let n = 0; Step.values(step, n) != 0; n++) {
      const to = Step.to(step, n);
      writeScaled(from, Matrix.columns(to), factor, Matrix.row(to, first + r));
      from += <usize>Matrix.width(Step.values(step, n)) << 2;
    }
    if (sums != 0) {
      store<f32>(sums + (<usize>(first + r) << 3), largest, 0);
      store<f32>(sums + (<usize>(first + r) << 3), factor, 4);
    }
    if (logSums == 0) continue;
    const log = logSum(largest, sum);
    store<f32>(Matrix.row(logSums, first + r), less == 0 ? log : load<f32>(Matrix.row(less, first + r)) - log);
  }
}

/** Keys `from … to-1`, which are a segment, for all queries. */
export function gatherKeys(step: usize, lane: usize, from: i32, to: i32): void {
  const queries = queryCount(step);
  const maximum = Step.partial(step, from / Step.segmentRows(step));
  const total = totalsOf(maximum, queries);
  const output = outputsOf(maximum, queries);
  const rowBytes: usize = <usize>Step.width(step) << 2;
  clearState(maximum, total, queries);
  for (let key = from; key < to; key += COLUMNS) {
    const count = min(COLUMNS, to - key);
    if (byUnits(step)) packUnits(step, key, count, Lane.panels(lane));
    else packKeysOf(step, key, count, Lane.panels(lane));
    for (let first = 0; first < queries; first += QUERIES) {
      const rows = min(QUERIES, queries - first);
      const word: usize = <usize>first << 2;
      fetchQueries(step, lane, first, rows);
      attendTile(
        step, lane, first, rows, Lane.panels(lane), key, count, maximum + word, total + word, output + <usize>first * rowBytes, key == from,
      );
    }
  }
}

/** Packs keys whose channels are scores, but for their sign. */
function packUnits(step: usize, first: i32, count: i32, to: usize): void {
  const keys = Step.by(step);
  packPanels(Matrix.row(keys, first), Matrix.rowBytes(keys), count, Matrix.columns(keys), signOf(step), to);
}

@inline
export function queryCount(step: usize): i32 { return Step.of(step) == 0 ? Matrix.columns(Step.by(step)) : Matrix.rows(Step.of(step)); }

/** Of a partial state, behind its maxima: the sums, and the unnormalised outputs. */
@inline
function totalsOf(partial: usize, queries: i32): usize { return partial + (<usize>groupRows(queries) << 2); }
@inline
function outputsOf(partial: usize, queries: i32): usize { return partial + (<usize>groupRows(queries) << 3); }

/** Joins the states of all segments for queries `from … to-1`, in the first of them, and writes the results. */
export function joinGathered(step: usize, from: i32, to: i32): void {
  const queries = queryCount(step);
  const rowBytes: usize = <usize>Step.width(step) << 2;
  const first = Step.partial(step, 0);
  for (let r = from; r < to; r++) {
    const word: usize = <usize>r << 2;
    const row: usize = <usize>r * rowBytes;
    let largest: f32 = -Infinity;
    for (let s = 0; s < Step.segments(step); s++) {
      const one = load<f32>(Step.partial(step, s) + word);
      if (one > largest) largest = one;
    }
    const m: f32 = largest == -Infinity ? LEAST : largest;
    let total: f32 = 0;
    for (let s = 0; s < Step.segments(step); s++) {
      const partial = Step.partial(step, s);
      const shrink = f32x4.extract_lane(exp2(f32x4.splat((load<f32>(partial + word) - m) * unitOf(step))), 0);
      total += load<f32>(totalsOf(partial, queries) + word) * shrink;
      const output = outputsOf(partial, queries) + row;
      if (s == 0) scaleRow(output, rowBytes, shrink);
      else addScaled(output, shrink, outputsOf(first, queries) + row, rowBytes);
    }
    store<f32>(first + word, largest);
    store<f32>(totalsOf(first, queries) + word, total);
  }
  const word: usize = <usize>from << 2;
  writeRows(step, from, to - from, first + word, totalsOf(first, queries) + word, outputsOf(first, queries) + <usize>from * rowBytes);
}

/** to += factor·from, of `bytes` bytes, a multiple of 32. */
function addScaled(from: usize, factor: f32, to: usize, bytes: usize): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    v128.store(to + i, f32x4.add(v128.load(to + i, 0), f32x4.mul(v128.load(from + i, 0), f)), 0);
    v128.store(to + i, f32x4.add(v128.load(to + i, 16), f32x4.mul(v128.load(from + i, 16), f)), 16);
  }
}
