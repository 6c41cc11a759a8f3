import { Call } from "./call";
import { dotRows } from "./dot-rows";
import { QUERY_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { clearRows, writeScaled } from "./rows";
import { countFloats, countFlops } from "./select-count";
import { Selection, blockOf, tokenOf } from "./select-words";
import { attendSpans, setSpan } from "./select-tiles";
import { laySigmoid, sigmoidFloats } from "./sigmoid";

/** Three softmaxes that are summed with gates: over the means of blocks that have ended, over chosen blocks, and over a window. */

/** The first and the last of them, of the rows in the lane; and the gates of all three. */
export function attendOthers(call: usize, lane: usize, first: i32, rows: i32): void {
  makeGates(call, lane, first, rows);
  const size = Selection.block(call);
  clearRows(call, lane, 0, first, rows);
  for (let r = 0; r < rows; r++) setSpan(lane, r, 0, max(0, tokenOf(call, first + r) + 1) / size);
  const none = attendSpans(call, lane, Selection.candidates(call), Selection.meanValues(call), rows, true);
  if (none) {
    const rowBytes: usize = <usize>Call.valueDim(call) << 2;
    memory.fill(Call.out(call) + <usize>first * rowBytes, 0, <usize>rows * rowBytes);
    if (Selection.branchOuts(call) != 0) leaveNothing(call, first, rows, 0);
  } else addBranch(call, lane, first, rows, 0, false);
  clearRows(call, lane, 0, first, rows);
  for (let r = 0; r < rows; r++) {
    const token = tokenOf(call, first + r);
    setSpan(lane, r, max(0, token - Selection.window(call) + 1), max(0, token + 1));
  }
  if (!attendSpans(call, lane, Call.keys(call), Call.v(call), rows, true)) addBranch(call, lane, first, rows, 2, true);
}

/** The blocks that the second reads in any case: the first, its own up to itself, and the one before. */
export function attendForced(call: usize, lane: usize, first: i32, rows: i32): bool {
  const size = Selection.block(call);
  let further = false;
  for (let r = 0; r < rows; r++) {
    const token = tokenOf(call, first + r);
    const own = blockOf(call, token);
    setSpan(lane, r, max(0, own - 1) * size, max(0, token + 1));
    further = further || own >= 2;
  }
  const empty = attendSpans(call, lane, Call.keys(call), Call.v(call), rows, true);
  if (!further) return empty;
  for (let r = 0; r < rows; r++) setSpan(lane, r, 0, blockOf(call, tokenOf(call, first + r)) >= 2 ? size : 0);
  return attendSpans(call, lane, Call.keys(call), Call.v(call), rows, empty);
}

/** The gates of the rows in the lane: the logistic function of three products. */
function makeGates(call: usize, lane: usize, first: i32, rows: i32): void {
  const d = Call.d(call);
  const table = Lane.scores(lane);
  laySigmoid(table);
  for (let branch: usize = 0; branch < 3; branch++) {
    dotRows(Lane.queries(lane), QUERY_ROW, rows, Selection.gateWeights(call, branch), d, Selection.gates(call, first) + (branch << 2), 32);
  }
  sigmoidFloats(Selection.gates(call, first), rows << 3, table);
  countFlops(lane, 6 * <f64>rows * <f64>d);
}

/** Writes or adds to the output one branch of the rows in the lane, normalised, times its gate. */
export function addBranch(call: usize, lane: usize, first: i32, rows: i32, branch: usize, adds: bool): void {
  countFloats(lane, (adds ? 2 : 1) * rows * Call.valueDim(call));
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < rows; r++) {
    const total = load<f32>(Lane.total(lane) + (<usize>r << 2));
    const seen = load<f32>(Lane.maximum(lane) + (<usize>r << 2)) != -Infinity;
    const factor: f32 = seen ? load<f32>(Selection.gates(call, first + r) + (branch << 2)) / total : 0;
    const from = Lane.output(lane) + <usize>r * rowBytes;
    const to = Call.out(call) + <usize>(first + r) * valueBytes;
    const f = f32x4.splat(factor);
    let i: usize = 0;
    for (; i + 16 <= valueBytes; i += 16) {
      const x = f32x4.mul(v128.load(from + i), f);
      v128.store(to + i, adds ? f32x4.add(v128.load(to + i), x) : x);
    }
    for (; i < valueBytes; i += 4) {
      const x = load<f32>(from + i) * factor;
      store<f32>(to + i, adds ? load<f32>(to + i) + x : x);
    }
  }
  if (Selection.branchOuts(call) != 0) leaveBranch(call, lane, first, rows, branch);
}

/** Leaves one branch of the rows in the lane without its gate, and what its weights are made with once more. */
function leaveBranch(call: usize, lane: usize, first: i32, rows: i32, branch: usize): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < rows; r++) {
    const maximum = load<f32>(Lane.maximum(lane) + (<usize>r << 2));
    const factor: f32 = maximum == -Infinity ? 0 : 1 / load<f32>(Lane.total(lane) + (<usize>r << 2));
    store<f32>(Selection.branchSum(call, branch, first + r), maximum, 0);
    store<f32>(Selection.branchSum(call, branch, first + r), factor, 4);
    writeScaled(Lane.output(lane) + <usize>r * rowBytes, Call.valueDim(call), factor, Selection.branchOut(call, branch, first + r));
  }
}

/** The same of rows that attend nothing there. */
function leaveNothing(call: usize, first: i32, rows: i32, branch: usize): void {
  for (let row = first; row < first + rows; row++) {
    store<f32>(Selection.branchSum(call, branch, row), -Infinity, 0);
    store<f32>(Selection.branchSum(call, branch, row), 0, 4);
    memory.fill(Selection.branchOut(call, branch, row), 0, <usize>Call.valueDim(call) << 2);
  }
}
