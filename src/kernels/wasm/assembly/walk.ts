import { placeRows } from "./bias";
import { Call } from "./call";
import { allFinite } from "./finite";
import {
  COLUMNS, ITEM_BYTES, PANEL_KEYS, QUERIES, QUERY_ROW, SOFTMAX_prepare, SOFTMAX_residueClass, SOFTMAX_rows, TASK_BYTES,
  TASK_CLOSES_ROWS, TASK_EMPTY_STATE, TASK_FINAL, TASK_FULL, TASK_HAS_HOLES,
} from "./generated/layout";
import { Lane } from "./lane";
import { copyRows } from "./pack";
import { packKeys } from "./pack-keys";
import { clearOutput, clearRows, fetchRows, keepRows, writeRows } from "./rows";
import { runTile } from "./tile";
import { turnRows } from "./turn";

/**
 * Softmax attention of one head: the items `from … to`, which threads share out. An item prepares tokens, runs one group of
 * rows over packed keys, or runs one residue class from its keys' packing on.
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
    } else if (kind == SOFTMAX_residueClass) runResidueClass(call, lane, taskAt(call, first), taskAt(call, second));
  }
}

@inline
function taskAt(call: usize, word: i32): usize { return Call.tasks(call) + (<usize>word << 2); }

/** Packs the keys of tokens `from … to-1`, and looks whether their values are finite. */
function prepareTokens(call: usize, lane: usize, from: i32, to: i32): void {
  if (Call.packsKeys(call)) packKeys(call, lane, from, 1, to - from, Call.keys(call) + <usize>from * (<usize>Call.d(call) << 2));
  const valueDim = Call.valueDim(call);
  const values = Call.v(call) + <usize>from * (<usize>valueDim << 2);
  if (Call.checksValues(call) && !allFinite(values, (to - from) * valueDim)) Call.clearFinite(call);
}

/** The tasks `from … to` of one residue class, whose keys are packed first. */
function runResidueClass(call: usize, lane: usize, from: usize, to: usize): void {
  const step = load<i32>(from, 4);
  const residue = load<i32>(from, 0) % step;
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const first: usize = residue;
  const members = (Call.length(call) - residue + step - 1) / step;
  packKeys(call, lane, residue, step, members, Lane.classKeys(lane));
  // Side by side as well: rows a power of two apart would all fall on the same few lines of the cache.
  copyRows(Call.v(call) + first * valueBytes, <usize>step * valueBytes, members, valueBytes, Lane.classValues(lane), valueBytes);
  while (from < to) {
    const rows = load<i32>(from, 8);
    let next = from;
    for (let row = 0; row < rows; row += QUERIES) next = runGroup(call, lane, from, row, Lane.classKeys(lane), Lane.classValues(lane));
    from = next;
  }
}

/**
 * Rows `first … first + QUERIES - 1` of the rows that `task` opens, over all tasks until they close; `keys` are packed, and
 * `values` lie side by side, in the order in which they are walked. Returns the next task.
 */
function runGroup(call: usize, lane: usize, task: usize, first: i32, keys: usize, values: usize): usize {
  const step = load<i32>(task, 4);
  const start = load<i32>(task, 0) + first * step;
  const rows = min(QUERIES, load<i32>(task, 8) - first);
  const rowBytes: usize = <usize>Call.d(call) << 2;
  copyRows(Call.q(call) + <usize>start * rowBytes, <usize>step * rowBytes, rows, rowBytes, Lane.queries(lane), QUERY_ROW);
  if (Call.turns(call) != 0) {
    turnRows(call, Lane.queries(lane), QUERY_ROW, rows, Call.firstQuery(call) + start, step, Lane.queries(lane), QUERY_ROW);
  }
  if (Call.bias(call) != 0) placeRows(call, lane, start, step, rows);
  let empty = (load<i32>(task, 28) & TASK_EMPTY_STATE) != 0;
  if (empty) clearRows(call, lane, start, step, rows);
  else fetchRows(call, lane, start, step, rows);
  for (; ; task += TASK_BYTES) {
    empty = runTask(call, lane, task, rows, keys, values, empty);
    const flags = load<i32>(task, 28);
    if ((flags & TASK_CLOSES_ROWS) == 0) continue;
    if (empty) clearOutput(call, lane, 0, rows);
    if ((flags & TASK_FINAL) != 0) writeRows(call, lane, start, step, rows);
    else keepRows(call, lane, start, step, rows);
    return task + TASK_BYTES;
  }
}

/** Packs the keys of the tile that begins at `key`, where those of all tokens are not packed. Returns where key 0 would be. */
function packTile(call: usize, lane: usize, key: i32, last: i32): usize {
  const rowBytes: usize = <usize>Call.d(call) << 2;
  const first = key - key % PANEL_KEYS;
  packKeys(call, lane, first, 1, min(last - first, COLUMNS), Lane.classKeys(lane));
  return Lane.classKeys(lane) - <usize>first * rowBytes;
}

/**
 * The keys of one task, tile by tile. `empty` says that the rows have no output yet, which the first tile then writes; returns
 * whether it is so still.
 */
function runTask(call: usize, lane: usize, task: usize, rows: i32, keys: usize, values: usize, empty: bool): bool {
  const keyStep = load<i32>(task, 16);
  const keyCount = load<i32>(task, 20);
  const mask = load<i32>(task, 24);
  const spans: usize = mask == TASK_FULL ? 0 : Call.masks(call) + (<usize>mask << 2);
  const bits: usize = (load<i32>(task, 28) & TASK_HAS_HOLES) == 0 ? 0 : spans + (<usize>rows << 2);
  const bitsRow: usize = <usize>((keyCount + 31) >> 5) << 2;
  const start = load<i32>(task, 12);
  const residue = start % keyStep;
  let key = start / keyStep;
  const last = key + keyCount;
  while (key < last) {
    const packed = keys != 0 ? keys : packTile(call, lane, key, last);
    key = runTile(call, lane, packed, values, rows, key, last, spans, bits, bitsRow, empty, residue, keyStep);
    empty = false;
  }
  return empty;
}
