import { endedKeys, keysOfAll, queryCount } from "../../attend";
import { groupRows, packKeysOf } from "../../attend-tile";
import { COLUMNS, GRADIENT_ROWS, QUERIES, SCORE_ROW } from "../../generated/layout";
import { Lane } from "../../lane";
import { Matrix } from "../../matrix";
import { packPanels } from "../../pack";
import { addScaled } from "../../rows";
import { addNumbers } from "../../state";
import { Step } from "../../step";
import {
  addEnded, addTile, endedColumns, keyRowBytes, ofLogSum, openEnded, openRows, openTile, packedAt, valueSumsAt,
} from "./tile";
import { addPairSums, MEAN_BYTES, storeMean } from "./weigh";

/**
 * Cross attention on the way back, in the two ways that it has forwards. By rows: each segment of them adds to its own dq, and has sums of
 * all keys. Where there are many keys and few queries, by keys: each segment of them adds to its own dk and dv, and has sums of all
 * queries. The sums of segments are joined in their order.
 */

/** Packs rows `from … to-1` of values as they are. */
export function packRows(step: usize, from: i32, to: i32): void {
  const rows = Step.of(step);
  const d = Matrix.columns(rows);
  packPanels(Matrix.row(rows, from), Matrix.rowBytes(rows), to - from, d, 1, Step.packed(step) + <usize>from * (<usize>d << 2));
}

/** Rows of tiles that stay open together, from the pass over all keys that finds their means to the one that adds what they bring. */
const OPEN_ROWS: i32 = 2 * GRADIENT_ROWS;

/** Rows that are taken together: fewer where keys end row by row, so that few keys are seen by some of them only. */
@inline
function rowsTogether(step: usize, tiles: i32): i32 {
  const most = Step.size(step) == 0 ? GRADIENT_ROWS : QUERIES;
  return tiles * QUERIES > OPEN_ROWS ? most : min(most, OPEN_ROWS / tiles / QUERIES * QUERIES);
}

/** Rows `from … to-1`, a segment, against all keys, which are packed: twice, if they are too many for their tiles to stay open. */
export function attendBack(step: usize, lane: usize, from: i32, to: i32): void {
  const bytes = keyRowBytes(step);
  const sums = Step.partial(step, from / Step.segmentRows(step));
  const count = keyCount(step);
  const output = Lane.output(lane);
  const tiles = (count + COLUMNS - 1) / COLUMNS + <i32>(Step.size(step) != 0);
  const together = rowsTogether(step, tiles);
  const tileBytes: usize = tiles * QUERIES > OPEN_ROWS ? 0 : <usize>together * SCORE_ROW;
  memory.fill(sums, 0, valueSumsAt(step, 0, count, valueCount(step)));
  for (let first = from; first < to; first += together) {
    const rows = min(together, to - first);
    const keys = keysOfAll(step, first);
    const ended = Step.size(step) != 0 && endedKeys(step, first + rows - 1) > keys;
    openRows(step, lane, first, rows);
    memory.fill(output, 0, <usize>groupRows(rows) * bytes);
    let at: usize = 0;
    for (let key = 0; key < keys; key += COLUMNS) {
      openAt(step, lane, first, rows, key, keys, at);
      addPairSums(rows, Lane.scores(lane) + at, Lane.products(lane) + at, min(COLUMNS, keys - key), Lane.pairSums(lane));
      at += tileBytes;
    }
    if (ended) {
      openEnded(step, lane, first, rows, keys, Lane.scores(lane) + at, Lane.products(lane) + at);
      const columns = endedColumns(step, first + rows - 1, keys);
      addPairSums(rows, Lane.scores(lane) + at, Lane.products(lane) + at, columns, Lane.pairSums(lane));
    }
    for (let r = 0; r < rows; r++) {
      storeMean(Lane.pairSums(lane) + (<usize>r << 4), ofLogSum(step, first + r), Lane.means(lane) + <usize>r * MEAN_BYTES);
    }
    at = 0;
    for (let key = 0; key < keys; key += COLUMNS) {
      if (tileBytes == 0) openAt(step, lane, first, rows, key, keys, 0);
      addTile(
        step, lane, first, rows, key, min(COLUMNS, keys - key), Lane.scores(lane) + at, Lane.products(lane) + at, output, sums, count, key,
      );
      at += tileBytes;
    }
    if (ended) {
      if (tileBytes == 0) openEnded(step, lane, first, rows, keys, Lane.scores(lane), Lane.products(lane));
      addEnded(step, lane, first, rows, keys, Lane.scores(lane) + at, Lane.products(lane) + at, output, sums, count);
    }
    const queries = Step.ofSums(step);
    if (queries == 0) continue;
    for (let r = 0; r < rows; r++) {
      addScaled(output + <usize>r * bytes, Matrix.columns(queries), Step.scale(step), Matrix.row(queries, first + r));
    }
  }
}

@inline
function openAt(step: usize, lane: usize, first: i32, rows: i32, key: i32, keys: i32, at: usize): void {
  const packed = Step.packed(step) + <usize>key * (<usize>Step.channels(step) << 2);
  openTile(step, lane, first, rows, packed, key, min(COLUMNS, keys - key), false, Lane.scores(lane) + at, Lane.products(lane) + at);
}

/** Packs a tile of keys and its values in the lane: keys as they are where unit vectors score them. */
function packTile(step: usize, lane: usize, key: i32, count: i32): void {
  const keys = Step.by(step);
  if (Step.of(step) != 0) packKeysOf(step, key, count, Lane.panels(lane));
  else packPanels(Matrix.row(keys, key), Matrix.rowBytes(keys), count, Matrix.columns(keys), 1, Lane.panels(lane));
  for (let n = 0; Step.values(step, n) != 0; n++) {
    const rows = Step.values(step, n);
    packPanels(Matrix.row(rows, key), Matrix.rowBytes(rows), count, Matrix.columns(rows), 1, packedAt(step, lane, n, 0, true));
  }
}

/** The sums that the means of all rows are of, over keys `from … to-1`, a segment: two f64 a row. */
export function gatherMeans(step: usize, lane: usize, from: i32, to: i32): void {
  const queries = queryCount(step);
  const sums = Step.partial(step, from / Step.segmentRows(step));
  const isOpen = queries <= GRADIENT_ROWS;
  memory.fill(sums, 0, <usize>queries << 4);
  if (isOpen) openRows(step, lane, 0, queries);
  for (let key = from; key < to; key += COLUMNS) {
    const count = min(COLUMNS, to - key);
    packTile(step, lane, key, count);
    for (let first = 0; first < queries; first += GRADIENT_ROWS) {
      const rows = min(GRADIENT_ROWS, queries - first);
      if (!isOpen) openRows(step, lane, first, rows);
      openTile(step, lane, first, rows, Lane.panels(lane), key, count, true, Lane.scores(lane), Lane.products(lane));
      addPairSums(rows, Lane.scores(lane), Lane.products(lane), count, sums + (<usize>first << 4));
    }
  }
}

/** The means of rows `from … to-1` from the sums of all segments. */
export function joinMeans(step: usize, from: i32, to: i32): void {
  for (let r = from; r < to; r++) {
    const row: usize = <usize>r << 4;
    const sum = Step.partial(step, 0) + row;
    for (let s = 1; s < Step.segments(step); s++) {
      const one = Step.partial(step, s) + row;
      store<f64>(sum, load<f64>(sum, 0) + load<f64>(one, 0), 0);
      store<f64>(sum, load<f64>(sum, 8) + load<f64>(one, 8), 8);
    }
    storeMean(sum, ofLogSum(step, r), Step.rowMeans(step) + <usize>r * MEAN_BYTES);
  }
}

/** Brings the means of rows into the lane. */
function takeMeans(step: usize, lane: usize, first: i32, rows: i32): void {
  memory.copy(Lane.means(lane), Step.rowMeans(step) + <usize>first * MEAN_BYTES, <usize>rows * MEAN_BYTES);
}

/** Keys `from … to-1`, a segment, against all rows. */
export function gatherBack(step: usize, lane: usize, from: i32, to: i32): void {
  const queries = queryCount(step);
  const bytes = keyRowBytes(step);
  const output = Step.partial(step, from / Step.segmentRows(step));
  const sums = Lane.keyRows(lane);
  const isOpen = queries <= GRADIENT_ROWS;
  memory.fill(output, 0, <usize>groupRows(queries) * bytes);
  if (isOpen) {
    openRows(step, lane, 0, queries);
    takeMeans(step, lane, 0, queries);
  }
  for (let key = from; key < to; key += COLUMNS) {
    const count = min(COLUMNS, to - key);
    packTile(step, lane, key, count);
    memory.fill(sums, 0, valueSumsAt(step, 0, COLUMNS, valueCount(step)));
    for (let first = 0; first < queries; first += GRADIENT_ROWS) {
      const rows = min(GRADIENT_ROWS, queries - first);
      if (!isOpen) {
        openRows(step, lane, first, rows);
        takeMeans(step, lane, first, rows);
      }
      const scores = Lane.scores(lane), products = Lane.products(lane);
      openTile(step, lane, first, rows, Lane.panels(lane), key, count, true, scores, products);
      addTile(step, lane, first, rows, key, count, scores, products, output + <usize>first * bytes, sums, COLUMNS, 0);
    }
    for (let k = 0; k < count; k++) addKey(step, sums, k, key + k);
  }
}

/** Adds the sums of a tile's key to the gradients of what the key is. */
function addKey(step: usize, sums: usize, at: i32, key: i32): void {
  const keys = Step.bySums(step), bias = Step.biasSums(step);
  const own = sums + <usize>at * keyRowBytes(step);
  if (keys != 0) addScaled(own, Matrix.columns(keys), Step.scale(step), Matrix.row(keys, key));
  if (bias != 0) addOne(bias, key, load<f32>(own + (<usize>Matrix.columns(Step.by(step)) << 2)));
  for (let n = 0; Step.values(step, n) != 0; n++) {
    const to = Step.valueSums(step, n);
    if (to == 0) continue;
    const rowBytes: usize = <usize>Matrix.width(Step.values(step, n)) << 2;
    addScaled(valueSumsAt(step, sums, COLUMNS, n) + <usize>at * rowBytes, Matrix.columns(to), 1, Matrix.row(to, key));
  }
}

@inline
function addOne(vector: usize, row: i32, x: f32): void {
  const at = Matrix.row(vector, row);
  store<f32>(at, load<f32>(at) + x);
}

/** Adds up what segments have summed for rows `from … to-1` of a matrix, and what they have of biases behind its columns. */
export function joinBack(step: usize, from: i32, to: i32): void {
  const result = Step.to(step), bias = Step.biasSums(step);
  const rowBytes: usize = <usize>Step.width(step) << 2;
  for (let r = from; r < to; r++) {
    const row: usize = <usize>r * rowBytes;
    const sum = Step.partial(step, 0) + row;
    for (let s = 1; s < Step.segments(step); s++) addNumbers(sum, Step.partial(step, s) + row, sum, rowBytes);
    if (result != 0) addScaled(sum, Matrix.columns(result), Step.scale(step), Matrix.row(result, r));
    if (bias != 0) addOne(bias, r, load<f32>(sum + (<usize>(Step.channels(step) - 1) << 2)));
  }
}

@inline
function keyCount(step: usize): i32 { return Step.by(step) == 0 ? Matrix.columns(Step.of(step)) : Matrix.rows(Step.by(step)); }

function valueCount(step: usize): i32 {
  let count = 0;
  while (Step.values(step, count) != 0) count++;
  return count;
}
