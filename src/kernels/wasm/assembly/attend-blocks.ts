import { Call } from "./call";
import { QUERIES, RULE_nsa } from "./generated/layout";
import { Lane } from "./lane";
import { addBranch, attendOthers, attendForced } from "./nsa-branches";
import { clearOutput, clearRows, fetchRows, keepRows, leaveSums, writeRows } from "./rows";
import { countFloats } from "./select-count";
import { attendAll, attendSpans, fetchQueries, setSpan } from "./select-tiles";
import { blockOf, choosesOwn, Selection, tokenOf } from "./select-words";

/**
 * Rows against the blocks that were chosen for them. Each row first attends what it does in any case; then, block by block, the rows
 * that chose it are brought together into tiles. The online-softmax state of the rows is kept in between.
 */
export function attendChosen(call: usize, lane: usize, from: i32, to: i32): void {
  const sums = Selection.rule(call) == RULE_nsa;
  for (let first = from; first < to; first += QUERIES) {
    const rows = min(QUERIES, to - first);
    fetchQueries(call, lane, 0, first, rows);
    if (sums) attendOthers(call, lane, first, rows);
    clearRows(call, lane, 0, first, rows);
    const empty = sums ? attendForced(call, lane, first, rows) : attendOwn(call, lane, first, rows);
    if (empty) clearOutput(call, lane, 0, rows);
    keep(call, lane, 0, first, rows);
  }
  sortByBlock(call, lane, from, to);
  for (let block = 0; block < Selection.blocks(call); block++) attendBlock(call, lane, block);
  for (let first = from; first < to; first += QUERIES) {
    const rows = min(QUERIES, to - first);
    fetch(call, lane, 0, first, rows);
    if (sums) addBranch(call, lane, first, rows, 1, true);
    else {
      writeRows(call, lane, 0, first, rows);
      if (Call.sums(call) != 0) leaveSums(call, lane, 0, first, rows);
      countFloats(lane, rows * Call.valueDim(call));
    }
  }
}

/** Each row against its own block: up to itself if causal, and where that is chosen like any other, if it was. */
function attendOwn(call: usize, lane: usize, first: i32, rows: i32): bool {
  const size = Selection.block(call);
  for (let r = 0; r < rows; r++) {
    const row = first + r;
    const token = tokenOf(call, row);
    const own = blockOf(call, token);
    if (own < 0 || (choosesOwn(call) && !hasChosen(call, row, own))) setSpan(lane, r, 0, 0);
    else setSpan(lane, r, own * size, Call.causal(call) ? token + 1 : min(Call.length(call), (own + 1) * size));
  }
  return attendSpans(call, lane, Call.keys(call), Call.v(call), rows, true);
}

/** Whether a row chose a block after which none can come. */
function hasChosen(call: usize, row: i32, block: i32): bool {
  const list = Selection.choice(call, row);
  for (let n = Selection.most(call) - 1; n >= 0; n--) {
    const chosen = load<i32>(list + (<usize>n << 2));
    if (chosen >= 0) return chosen == block;
  }
  return false;
}

/** Where the rows that chose a block begin in the order, once sorted, and where they end. */
@inline
function startOf(lane: usize, block: i32): i32 { return load<i32>(Lane.starts(lane) + (<usize>block << 2)); }

/** Brings rows `from … to-1` into the order of the blocks that they chose, each as often as it chose one, but for its own. */
function sortByBlock(call: usize, lane: usize, from: i32, to: i32): void {
  const blocks = Selection.blocks(call);
  const starts = Lane.starts(lane);
  const order = Lane.order(lane);
  memory.fill(starts, 0, <usize>(blocks + 2) << 2);
  for (let row = from; row < to; row++) {
    const own = blockOf(call, tokenOf(call, row));
    for (let at = Selection.choice(call, row), end = Selection.choice(call, row + 1); at < end; at += 4) {
      const block = load<i32>(at);
      if (block < 0) break;
      if (block == own) continue;
      const counted = starts + (<usize>(block + 2) << 2);
      store<i32>(counted, load<i32>(counted) + 1);
    }
  }
  for (let block = 0, sum = 0; block < blocks + 2; block++) {
    sum += load<i32>(starts + (<usize>block << 2));
    store<i32>(starts + (<usize>block << 2), sum);
  }
  // What is where a block begins moves on to where it ends, which is where the next one begins.
  for (let row = from; row < to; row++) {
    const own = blockOf(call, tokenOf(call, row));
    for (let at = Selection.choice(call, row), end = Selection.choice(call, row + 1); at < end; at += 4) {
      const block = load<i32>(at);
      if (block < 0) break;
      if (block == own) continue;
      const next = starts + (<usize>(block + 1) << 2);
      const place = load<i32>(next);
      store<i32>(order + (<usize>place << 2), row);
      store<i32>(next, place + 1);
    }
  }
}

/** The rows that chose a block against all of its keys. */
function attendBlock(call: usize, lane: usize, block: i32): void {
  const size = Selection.block(call);
  const list = Lane.order(lane);
  const from = block * size, to = min(Call.length(call), from + size);
  const end = startOf(lane, block + 1);
  for (let start = startOf(lane, block); start < end; start += QUERIES) {
    const rows = min(QUERIES, end - start);
    fetchQueries(call, lane, list, start, rows);
    fetch(call, lane, list, start, rows);
    attendAll(call, lane, rows, from, to);
    keep(call, lane, list, start, rows);
  }
}

/** Keeps the state of `rows` entries of a list from `start` on, and fetches it: in the output, where that has room for it. */
function keep(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  keepRows(call, lane, list, start, rows);
  if (Call.keptOutput(call) == Call.out(call)) countFloats(lane, rows * Call.valueDim(call));
}
function fetch(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  fetchRows(call, lane, list, start, rows);
  if (Call.keptOutput(call) == Call.out(call)) countFloats(lane, rows * Call.valueDim(call));
}
