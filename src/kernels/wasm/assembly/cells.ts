import { Call } from "./call";
import { advanceGated } from "./gated-cell";
import { CELL_elman, ITEM_BYTES } from "./generated/layout";
import { advanceLearned } from "./learned-cell";

/**
 * Recurrent cells: the items `from … to`, which threads share out, each the sequence of one head of one batch entry from its first
 * token on; where gates are given, some channels of it.
 */
export function runCellItems(call: usize, lane: usize, from: usize, to: usize): void {
  const length = Call.length(call);
  for (let item = from; item < to; item += ITEM_BYTES) {
    const slice = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const at: usize = <usize>slice * <usize>length * <usize>Call.d(call) << 2;
    clearState(call, slice, first);
    advance(call, lane, slice, Call.q(call) + at, Call.k(call) + at, Call.v(call) + at, Call.out(call) + at, length, first);
  }
}

/** One token in every slice, `[slices, d]` in the call. */
export function stepCells(call: usize, lane: usize): void {
  for (let slice = 0; slice < Call.slices(call); slice++) {
    const at: usize = <usize>(slice * Call.d(call)) << 2;
    advance(call, lane, slice, Call.q(call) + at, Call.k(call) + at, Call.v(call) + at, Call.out(call) + at, 1, 0);
  }
}

/** Takes the `count` tokens of one slice in that are in the call, without their outputs. */
export function takeCells(call: usize, lane: usize, slice: i32, count: i32): void {
  advance(call, lane, slice, Call.q(call), Call.k(call), Call.v(call), 0, count, 0);
}

function advance(call: usize, lane: usize, slice: i32, q: usize, k: usize, v: usize, out: usize, count: i32, first: i32): void {
  if (Call.cell(call) >= CELL_elman) advanceLearned(call, lane, slice, v, out, count);
  else advanceGated(call, slice, q, k, v, out, count, first, Call.cellChannels(call));
}

/** Clears the state of an item: all of a slice, or of the channels from `first` on. */
function clearState(call: usize, slice: i32, first: i32): void {
  if (Call.cell(call) >= CELL_elman) {
    memory.fill(Call.state(call, slice), 0, Call.stateBytes(call));
    return;
  }
  const channels = min(Call.d(call) - first, Call.cellChannels(call));
  memory.fill(Call.state(call, slice) + (<usize>first << 2), 0, (<usize>channels + 7 & ~7) << 2);
}
