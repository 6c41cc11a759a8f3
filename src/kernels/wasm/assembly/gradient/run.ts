import { Call } from "../call";
import { allFinite } from "../finite";
import {
  COLUMNS, GRADIENT_ITEM_begin, GRADIENT_ITEM_hide, GRADIENT_ITEM_join, GRADIENT_ITEM_joinQueries, GRADIENT_ITEM_prepare, GRADIENT_ITEM_sort, GROUP_BYTES, IN_PLACE, ITEM_BYTES, KEY_BLOCK, PANEL_KEYS, PANEL_QUERIES, TASK_BYTES,
  TASK_CLOSES_ROWS, TASK_EMPTY_STATE, TASK_FINAL, TASK_FULL, TASK_HAS_HOLES, UNTOUCHED,
} from "../generated/layout";
import { Lane } from "../lane";
import { copyListed, packListed, packPanels, tokenAt } from "../pack";
import { packKeys } from "../pack-keys";
import { turnRow } from "../turn";
import { hideTasks, joinQueries, sortChosen } from "./hide";
import { joinBlocks } from "./join";
import { clear } from "./keys";
import { clearMeans, closeMeans, isPeaked } from "./means";
import { fetchQueries, keepQueries, openQueries, writeQueries } from "./queries";
import { gradientTile } from "./tile";
import { Gradient, keyBytes, keySum, valueBytes, valueSum } from "./words";

/**
 * The gradient of softmax attention of one head (Dao et al. 2022, arXiv 2205.14135, algorithm 4): the items `from … to`, which
 * threads share out. The groups of rows are cut into segments, whatever the threads, each of which has sums of its own of dk and
 * dv where another one has added to them before; they are added up in the order of the segments.
 */
export function runGradientItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const second = load<i32>(item, 8);
    if (kind == GRADIENT_ITEM_prepare) prepareTokens(call, lane, first, second);
    else if (kind == GRADIENT_ITEM_join) joinBlocks(call, first, second);
    else if (kind == GRADIENT_ITEM_sort) sortChosen(call, first);
    else if (kind == GRADIENT_ITEM_hide) hideTasks(call, lane, first, second);
    else if (kind == GRADIENT_ITEM_joinQueries) joinQueries(call, first, second);
    else {
      if (kind == GRADIENT_ITEM_begin) clearSums(call, second);
      runRange(call, lane, second, Gradient.ranges(Call.gradient(call)) + (<usize>first << 3));
    }
  }
}

/** Packs keys and values of tokens `from … to-1`, and looks whether they are finite. */
function prepareTokens(call: usize, lane: usize, from: i32, to: i32): void {
  const count = to - from;
  const keyRow: usize = <usize>Call.d(call) << 2;
  const valueRow: usize = <usize>Call.valueDim(call) << 2;
  const keys = Call.k(call) + <usize>from * keyRow;
  const values = Call.v(call) + <usize>from * valueRow;
  if (Call.packsKeys(call)) {
    const g = Call.gradient(call);
    packKeys(call, lane, 0, from, count, Call.keys(call) + <usize>from * keyRow);
    packPanels(values, valueRow, count, Call.valueDim(call), 1, Gradient.packedValues(g) + <usize>from * valueRow);
    if (Call.turns(call) != 0) {
      let row = Gradient.turnedKeys(g) + <usize>from * keyRow;
      for (let token = from; token < to; token++, row += keyRow) turnRow(call, Call.k(call) + <usize>token * keyRow, token, row);
    }
  }
  if (!Call.checksValues(call)) return;
  if (!allFinite(keys, count * Call.d(call)) || !allFinite(values, count * Call.valueDim(call))) Call.clearFinite(call);
}

/** Clears the sums of a segment. */
function clearSums(call: usize, segment: i32): void {
  const g = Call.gradient(call);
  const table = Gradient.table(g, segment);
  for (let block = 0; block < Gradient.blocks(g); block++) {
    const slot = load<i32>(table + (<usize>block << 2));
    if (slot == UNTOUCHED) continue;
    const key = block * KEY_BLOCK;
    const count: usize = slot == IN_PLACE ? min(KEY_BLOCK, Call.length(call) - key) : KEY_BLOCK;
    clear(keySum(g, table, key), count * keyBytes(g));
    clear(valueSum(call, g, table, key), count * valueBytes(call));
  }
  const biasSums = Gradient.biasTable(g, segment);
  if (biasSums != 0) clear(biasSums, Gradient.biasBytes(g));
}

/** The groups of a range, which is two words: the first of them, and the one after the last. */
function runRange(call: usize, lane: usize, segment: i32, range: usize): void {
  const groups = Gradient.groups(Call.gradient(call));
  for (let group = load<i32>(range, 0); group < load<i32>(range, 4); group++) {
    const words = groups + <usize>group * GROUP_BYTES;
    runGroup(call, lane, segment, Call.tasks(call) + (<usize>load<i32>(words, 0) << 2), load<i32>(words, 4), load<i32>(words, 8));
  }
}

/** Rows `first … first + rows - 1` of the rows that `task` opens, over all tasks until they close. */
function runGroup(call: usize, lane: usize, segment: i32, task: usize, first: i32, rows: i32): void {
  const list = Call.list(call, load<i32>(task, 4));
  const start = load<i32>(task, 0) + first;
  const careful = !openQueries(call, lane, list, start, rows) || !Call.finite(call);
  if ((load<i32>(task, 28) & TASK_EMPTY_STATE) == 0) fetchQueries(call, lane, list, start, rows);
  else clear(Lane.output(lane), <usize>((rows + PANEL_QUERIES - 1) / PANEL_QUERIES * PANEL_QUERIES) * keyBytes(Call.gradient(call)));
  if (isPeaked(call, lane, rows)) {
    clearMeans(lane, rows);
    for (let at = task; ; at += TASK_BYTES) {
      runTask(call, lane, segment, at, rows, careful, true);
      if ((load<i32>(at, 28) & TASK_CLOSES_ROWS) != 0) break;
    }
    closeMeans(lane, rows);
  }
  for (; ; task += TASK_BYTES) {
    runTask(call, lane, segment, task, rows, careful, false);
    const flags = load<i32>(task, 28);
    if ((flags & TASK_CLOSES_ROWS) == 0) continue;
    if ((flags & TASK_FINAL) != 0) writeQueries(call, lane, list, start, rows);
    else keepQueries(call, lane, list, start, rows);
    return;
  }
}

/** The keys of one task, tile by tile; `measures` if they are gone through for the rows' means alone. */
function runTask(call: usize, lane: usize, segment: i32, task: usize, rows: i32, careful: bool, measures: bool): void {
  const list = Call.list(call, load<i32>(task, 16));
  const keyCount = load<i32>(task, 20);
  const mask = load<i32>(task, 24);
  const spans: usize = mask == TASK_FULL ? 0 : Call.masks(call) + (<usize>mask << 2);
  const bits: usize = (load<i32>(task, 28) & TASK_HAS_HOLES) == 0 ? 0 : spans + (<usize>rows << 2);
  const bitsRow: usize = <usize>((keyCount + 31) >> 5) << 2;
  const first = load<i32>(task, 12);
  const last = first + keyCount;
  const g = Call.gradient(call);
  if (list == 0 && Call.packsKeys(call)) {
    const keyRows = Call.turns(call) == 0 ? Call.k(call) : Gradient.turnedKeys(g);
    for (let key = first; key < last; ) {
      key = gradientTile(
        call, lane, segment, Call.keys(call), Gradient.packedValues(g), keyRows, rows, key, last, spans, bits, bitsRow, list, careful, measures,
      );
    }
    return;
  }
  const keyRow: usize = <usize>Call.d(call) << 2;
  const valueRow: usize = <usize>Call.valueDim(call) << 2;
  for (let key = first; key < last; ) {
    const from = key - key % PANEL_KEYS;
    packTile(call, lane, list, from, min(last - from, COLUMNS));
    const keys = Lane.classKeys(lane) - <usize>from * keyRow;
    const values = Lane.classValues(lane) - <usize>from * valueRow;
    const keyRows = isInPlace(call, list) ? Call.k(call) : Lane.keyRows(lane) - <usize>from * keyRow;
    key = gradientTile(call, lane, segment, keys, values, keyRows, rows, key, last, spans, bits, bitsRow, list, careful, measures);
  }
}

/** Whether keys are read where they are, and not copied side by side. */
@inline
function isInPlace(call: usize, list: usize): bool { return list == 0 && Call.turns(call) == 0; }

/** Packs the keys and values of `count` entries of a list from `from` on into the lane, and copies the keys if need be. */
function packTile(call: usize, lane: usize, list: usize, from: i32, count: i32): void {
  const keyRow: usize = <usize>Call.d(call) << 2;
  const valueDim = Call.valueDim(call);
  const valueRow: usize = <usize>valueDim << 2;
  packKeys(call, lane, list, from, count, Lane.classKeys(lane));
  if (list == 0) packPanels(Call.v(call) + <usize>from * valueRow, valueRow, count, valueDim, 1, Lane.classValues(lane));
  else packListed(list + (<usize>from << 2), Call.v(call), count, valueDim, 1, Lane.classValues(lane));
  if (isInPlace(call, list)) return;
  if (Call.turns(call) == 0) copyListed(list, from, count, Call.k(call), keyRow, Lane.keyRows(lane), keyRow);
  else {
    let row = Lane.keyRows(lane);
    for (let key = from; key < from + count; key++, row += keyRow) {
      const token = tokenAt(list, key);
      turnRow(call, Call.k(call) + token * keyRow, <i32>token, row);
    }
  }
}
