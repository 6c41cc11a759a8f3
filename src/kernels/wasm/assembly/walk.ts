import { placeRows } from "./bias";
import { Call } from "./call";
import { allFinite } from "./finite";
import {
  ACTIVATION_given, ACTIVATION_none, COLUMNS, ITEM_BYTES, PACKED_KEYS, PANEL_KEYS, QUERIES, QUERY_ROW, SOFTMAX_prepare, SOFTMAX_rows, SOFTMAX_stretch, TASK_BYTES,
  TASK_CLOSES_ROWS, TASK_EMPTY_STATE, TASK_FINAL, TASK_FULL, TASK_HAS_HOLES,
} from "./generated/layout";
import { Lane } from "./lane";
import { findScores, projectQueries } from "./learned-scores";
import { copyListed, tokenAt } from "./pack";
import { packKeys } from "./pack-keys";
import { clearOutput, clearRows, fetchRows, keepRows, leaveSums, writeRows } from "./rows";
import { prepareQueries } from "./scores";
import { runTile } from "./tile";
import { turnRow } from "./turn";

/**
 * Softmax attention of one head: the items `from … to`, which threads share out. An item prepares tokens, runs one group of
 * rows over packed keys, or runs a stretch of rows from the packing of its keys on.
 */
export function runSoftmaxItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const second = load<i32>(item, 8);
    if (kind == SOFTMAX_prepare) prepareTokens(call, lane, first, second);
    else if (kind == SOFTMAX_rows) {
      const keys: usize = Call.packsKeys(call) ? Call.keys(call) : 0;
      runGroup(call, lane, taskAt(call, first), second, keys, Call.v(call));
    } else if (kind == SOFTMAX_stretch) runStretch(call, lane, taskAt(call, first), taskAt(call, second));
  }
}

@inline
function taskAt(call: usize, word: i32): usize { return Call.tasks(call) + (<usize>word << 2); }

/** Packs the keys of tokens `from … to-1`, and looks whether their values are finite. */
function prepareTokens(call: usize, lane: usize, from: i32, to: i32): void {
  if (Call.packsKeys(call)) packKeys(call, lane, 0, from, to - from, Call.keys(call) + <usize>from * (<usize>Call.channels(call) << 2));
  const valueDim = Call.valueDim(call);
  const values = Call.v(call) + <usize>from * (<usize>valueDim << 2);
  if (Call.checksValues(call) && !allFinite(values, (to - from) * valueDim)) Call.clearFinite(call);
}

/** The tasks `from … to`, whose keys are all in one list: those from the first to the last are packed first. */
function runStretch(call: usize, lane: usize, from: usize, to: usize): void {
  const list = Call.list(call, load<i32>(from, 16));
  let first = i32.MAX_VALUE;
  let last = 0;
  for (let task = from; task < to; task += TASK_BYTES) {
    const count = load<i32>(task, 20);
    if (count == 0) continue;
    first = min(first, load<i32>(task, 12));
    last = max(last, load<i32>(task, 12) + count);
  }
  // From where a panel of any build begins.
  first = min(first, last) / PACKED_KEYS * PACKED_KEYS;
  packKeys(call, lane, list, first, last - first, Lane.classKeys(lane));
  const keys = Lane.classKeys(lane) - <usize>first * (<usize>Call.channels(call) << 2);
  let values = Call.v(call);
  if (list != 0) {
    const valueBytes: usize = <usize>Call.valueDim(call) << 2;
    // Side by side as well: rows a power of two apart would all fall on the same few lines of the cache.
    copyListed(list, first, last - first, values, valueBytes, Lane.classValues(lane), valueBytes);
    values = Lane.classValues(lane) - <usize>first * valueBytes;
  }
  while (from < to) {
    const rows = load<i32>(from, 8);
    let next = from;
    for (let row = 0; row < rows; row += QUERIES) next = runGroup(call, lane, from, row, keys, values);
    from = next;
  }
}

/**
 * Rows `first … first + QUERIES - 1` of the rows that `task` opens, over all tasks until they close; `keys` are packed, and
 * `values` lie side by side, in the order in which they are walked. Returns the next task.
 */
function runGroup(call: usize, lane: usize, task: usize, first: i32, keys: usize, values: usize): usize {
  const list = Call.list(call, load<i32>(task, 4));
  const start = load<i32>(task, 0) + first;
  const rows = min(QUERIES, load<i32>(task, 8) - first);
  copyListed(list, start, rows, Call.q(call), <usize>Call.d(call) << 2, Lane.queries(lane), QUERY_ROW);
  if (Call.turns(call) != 0) turnQueries(call, lane, list, start, rows);
  if (Call.projection(call) != 0) projectQueries(call, lane, rows);
  if (Call.activation(call) == ACTIVATION_given) findScores(call, lane, list, start, rows);
  else if (Call.activation(call) != ACTIVATION_none) prepareQueries(call, lane, rows);
  if (Call.bias(call) != 0) placeRows(call, lane, list, start, rows);
  let empty = (load<i32>(task, 28) & TASK_EMPTY_STATE) != 0;
  if (empty) clearRows(call, lane, list, start, rows);
  else fetchRows(call, lane, list, start, rows);
  for (; ; task += TASK_BYTES) {
    empty = runTask(call, lane, task, rows, keys, values, empty);
    const flags = load<i32>(task, 28);
    if ((flags & TASK_CLOSES_ROWS) == 0) continue;
    if (empty) clearOutput(call, lane, 0, rows);
    if ((flags & TASK_FINAL) != 0) {
      writeRows(call, lane, list, start, rows);
      if (Call.sums(call) != 0) leaveSums(call, lane, list, start, rows);
    } else keepRows(call, lane, list, start, rows);
    return task + TASK_BYTES;
  }
}

/** Turns the rows of queries that have been copied, entries of a list from `start` on. */
function turnQueries(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  for (let r = 0, row = Lane.queries(lane); r < rows; r++, row += QUERY_ROW) {
    turnRow(call, row, Call.firstQuery(call) + <i32>tokenAt(list, start + r), row);
  }
}

/** Packs the keys of the tile that begins at `key`, where those of all tokens are not packed. Returns where key 0 would be. */
function packTile(call: usize, lane: usize, key: i32, last: i32): usize {
  const keyBytes: usize = <usize>Call.channels(call) << 2;
  const first = key - key % PANEL_KEYS;
  packKeys(call, lane, 0, first, min(last - first, COLUMNS), Lane.classKeys(lane));
  return Lane.classKeys(lane) - <usize>first * keyBytes;
}

/**
 * The keys of one task, tile by tile. `empty` says that the rows have no output yet, which the first tile then writes; returns
 * whether it is so still.
 */
function runTask(call: usize, lane: usize, task: usize, rows: i32, keys: usize, values: usize, empty: bool): bool {
  const list = Call.list(call, load<i32>(task, 16));
  const keyCount = load<i32>(task, 20);
  const mask = load<i32>(task, 24);
  const spans: usize = mask == TASK_FULL ? 0 : Call.masks(call) + (<usize>mask << 2);
  const bits: usize = (load<i32>(task, 28) & TASK_HAS_HOLES) == 0 ? 0 : spans + (<usize>rows << 2);
  const bitsRow: usize = <usize>((keyCount + 31) >> 5) << 2;
  let key = load<i32>(task, 12);
  const last = key + keyCount;
  while (key < last) {
    const packed = keys != 0 ? keys : packTile(call, lane, key, last);
    key = runTile(call, lane, packed, values, rows, key, last, spans, bits, bitsRow, empty, list);
    empty = false;
  }
  return empty;
}
