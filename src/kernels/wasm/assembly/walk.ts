import { Call } from "./call";
import { allFinite } from "./finite";
import { ITEM_BYTES, PANEL_KEYS, QUERIES, SOFTMAX_prepare, SOFTMAX_residueClass, SOFTMAX_rows } from "./generated/layout";
import { Lane } from "./lane";
import { copyQueries, packPanels } from "./pack";
import { clearRows, fetchRows, keepRows, writeRows } from "./rows";
import { runTile } from "./tile";

/** Words of a task and its flags, as `schedule.ts` documents them. */
const TASK_BYTES: usize = 32;
const FULL: i32 = -1;
const EMPTY_STATE: i32 = 2;
const CLOSES_ROWS: i32 = 4;
const FINAL: i32 = 8;
const HAS_HOLES: i32 = 16;

/**
 * Softmax attention of one head: the items `from … to`, which threads share out. An item prepares tokens, runs one group of
 * rows over packed keys, or runs one residue class from its keys' packing on.
 */
export function runSoftmaxItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const second = load<i32>(item, 8);
    if (kind == SOFTMAX_prepare) prepareTokens(call, first, second);
    else if (kind == SOFTMAX_rows) runGroup(call, lane, taskAt(call, first), second, Call.keys(call));
    else if (kind == SOFTMAX_residueClass) runResidueClass(call, lane, taskAt(call, first), taskAt(call, second));
  }
}

@inline
function taskAt(call: usize, word: i32): usize { return Call.tasks(call) + (<usize>word << 2); }

/** Packs the keys of tokens `from … to-1`, and looks whether their values are finite. */
function prepareTokens(call: usize, from: i32, to: i32): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>d << 2;
  const skipped: usize = <usize>from * rowBytes;
  if (Call.packsKeys(call)) packPanels(Call.k(call) + skipped, rowBytes, to - from, d, Call.factor(call), Call.keys(call) + skipped);
  if (Call.checksValues(call) && !allFinite(Call.v(call) + skipped, (to - from) * d)) Call.clearFinite(call);
}

/** The tasks `from … to` of one residue class, whose keys are packed first. */
function runResidueClass(call: usize, lane: usize, from: usize, to: usize): void {
  const step = load<i32>(from, 4);
  const residue = load<i32>(from, 0) % step;
  const d = Call.d(call);
  const rowBytes: usize = <usize>d << 2;
  const members = (Call.length(call) - residue + step - 1) / step;
  const keys = Call.k(call) + <usize>residue * rowBytes;
  packPanels(keys, <usize>step * rowBytes, members, d, Call.factor(call), Lane.classKeys(lane));
  while (from < to) {
    const rows = load<i32>(from, 8);
    let next = from;
    for (let first = 0; first < rows; first += QUERIES) next = runGroup(call, lane, from, first, Lane.classKeys(lane));
    from = next;
  }
}

/** Rows `first … first + QUERIES - 1` of the rows that `task` opens, over all tasks until they close. Returns the next task. */
function runGroup(call: usize, lane: usize, task: usize, first: i32, keys: usize): usize {
  const step = load<i32>(task, 4);
  const start = load<i32>(task, 0) + first * step;
  const rows = min(QUERIES, load<i32>(task, 8) - first);
  const rowBytes: usize = <usize>Call.d(call) << 2;
  copyQueries(Call.q(call) + <usize>start * rowBytes, <usize>step * rowBytes, rows, Call.d(call), Lane.queries(lane));
  if ((load<i32>(task, 28) & EMPTY_STATE) != 0) clearRows(call, lane, rows);
  else fetchRows(call, lane, start, step, rows);
  for (; ; task += TASK_BYTES) {
    runTask(call, lane, task, rows, keys);
    const flags = load<i32>(task, 28);
    if ((flags & CLOSES_ROWS) == 0) continue;
    if ((flags & FINAL) != 0) writeRows(call, lane, start, step, rows);
    else keepRows(call, lane, start, step, rows);
    return task + TASK_BYTES;
  }
}

/** The keys of one task, tile by tile. */
function runTask(call: usize, lane: usize, task: usize, rows: i32, keys: usize): void {
  const keyStart = load<i32>(task, 12);
  const keyStep = load<i32>(task, 16);
  const keyCount = load<i32>(task, 20);
  const mask = load<i32>(task, 24);
  const spans: usize = mask == FULL ? 0 : Call.masks(call) + (<usize>mask << 2);
  const bits: usize = (load<i32>(task, 28) & HAS_HOLES) == 0 ? 0 : spans + (<usize>rows << 2);
  const bitsRow: usize = <usize>((keyCount + 31) >> 5) << 2;
  const valueStep: usize = <usize>(keyStep * Call.d(call)) << 2;
  let values = Call.v(call) + (<usize>(keyStart * Call.d(call)) << 2);
  let key = keyStart / keyStep;
  const last = key + keyCount;
  while (key < last) {
    const next = runTile(call, lane, keys, rows, key, last, values, valueStep, spans, bits, bitsRow);
    values += <usize>(next - key) * valueStep;
    key = next;
  }
}
