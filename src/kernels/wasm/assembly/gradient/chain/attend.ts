import { endedKeys, keysOfAll, queryCount } from "../../attend";
import { groupRows, packKeysOf } from "../../attend-tile";
import { COLUMNS, GRADIENT_ROWS, QUERIES } from "../../generated/layout";
import { Lane } from "../../lane";
import { Matrix } from "../../matrix";
import { packPanels } from "../../pack";
import { addScaled } from "../../rows";
import { addNumbers } from "../../state";
import { Step } from "../../step";
import { dot } from "../queries";
import { endedBack, keyRowBytes, openRows, packedAt, tileBack, valueSumsAt } from "./tile";

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

/** `dout·out` of rows `from … to-1`, and what comes to their log-sums times the factor. */
export function meanDouts(step: usize, from: i32, to: i32): void {
  const logs = Step.logAlong(step);
  for (let r = from; r < to; r++) {
    let sum: f32 = logs == 0 ? 0 : Step.factor(step) * load<f32>(Matrix.row(logs, r));
    for (let n = 0; Step.made(step, n) != 0; n++) {
      const made = Step.made(step, n);
      sum += dot(Matrix.row(Step.along(step, n), r), Matrix.row(made, r), Matrix.columns(made));
    }
    store<f32>(Step.rowMeans(step) + (<usize>r << 2), sum);
  }
}

/** Rows `from … to-1`, a segment, against all keys, which are packed. */
export function attendBack(step: usize, lane: usize, from: i32, to: i32): void {
  const keyBytes: usize = <usize>Step.channels(step) << 2;
  const bytes = keyRowBytes(step);
  const sums = Step.partial(step, from / Step.segmentRows(step));
  const count = keyCount(step);
  const output = Lane.output(lane);
  // Where keys end row by row, few rows have few keys that only some of them see.
  const together = Step.size(step) == 0 ? GRADIENT_ROWS : QUERIES;
  memory.fill(sums, 0, valueSumsAt(step, 0, count, valueCount(step)));
  for (let first = from; first < to; first += together) {
    const rows = min(together, to - first);
    openRows(step, lane, first, rows);
    memory.fill(output, 0, <usize>groupRows(rows) * bytes);
    const keys = keysOfAll(step, first);
    for (let key = 0; key < keys; key += COLUMNS) {
      const packed = Step.packed(step) + <usize>key * keyBytes;
      tileBack(step, lane, first, rows, packed, key, min(COLUMNS, keys - key), false, output, sums, count, key);
    }
    if (Step.size(step) != 0 && endedKeys(step, first + rows - 1) > keys) {
      endedBack(step, lane, first, rows, keys, output, sums, count);
    }
    const queries = Step.ofSums(step);
    if (queries == 0) continue;
    for (let r = 0; r < rows; r++) {
      addScaled(output + <usize>r * bytes, Matrix.columns(queries), Step.scale(step), Matrix.row(queries, first + r));
    }
  }
}

/** Keys `from … to-1`, a segment, against all rows. */
export function gatherBack(step: usize, lane: usize, from: i32, to: i32): void {
  const queries = queryCount(step);
  const bytes = keyRowBytes(step);
  const output = Step.partial(step, from / Step.segmentRows(step));
  const sums = Lane.keyRows(lane);
  const values = valueCount(step);
  const isOpen = queries <= GRADIENT_ROWS;
  memory.fill(output, 0, <usize>groupRows(queries) * bytes);
  if (isOpen) openRows(step, lane, 0, queries);
  for (let key = from; key < to; key += COLUMNS) {
    const count = min(COLUMNS, to - key);
    packKeysOf(step, key, count, Lane.panels(lane));
    for (let n = 0; n < values; n++) {
      const rows = Step.values(step, n);
      packPanels(Matrix.row(rows, key), Matrix.rowBytes(rows), count, Matrix.columns(rows), 1, packedAt(step, lane, n, 0, true));
    }
    memory.fill(sums, 0, valueSumsAt(step, 0, COLUMNS, values));
    for (let first = 0; first < queries; first += GRADIENT_ROWS) {
      const rows = min(GRADIENT_ROWS, queries - first);
      if (!isOpen) openRows(step, lane, first, rows);
      tileBack(step, lane, first, rows, Lane.panels(lane), key, count, true, output + <usize>first * bytes, sums, COLUMNS, 0);
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
