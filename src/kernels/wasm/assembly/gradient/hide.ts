import { Call } from "../call";
import { GROUP_BYTES, PANEL_QUERIES, SCORE_ROW, TASK_BYTES, TASK_CLOSES_ROWS, TASK_FULL } from "../generated/layout";
import { sortRound } from "../hashed";
import { bringHashed } from "../hashed-rows";
import { ATTENDED_ROW, hidePairs } from "../hidden-pairs";
import { Lane } from "../lane";
import { spanEnd, spanStart } from "../mask";
import { Routed } from "../routed";
import { bringRouted } from "../routed-rows";
import { turnAround } from "../routed-tokens";
import { Gradient } from "./words";

/** Groups of tokens that were chosen: their order is found once more from the choice, and which pairs of a tile no group before has seen. */

/** Sorts a round by its hashes, or finds which centres took each token. */
export function sortChosen(call: usize, round: i32): void {
  if (Call.hashed(call) != 0) sortRound(call, round);
  else turnAround(call);
}

/** Writes the masks of the tasks of groups of rows `from … to-1`: the call says that some number is not finite, so that bits are kept. */
export function hideTasks(call: usize, lane: usize, from: i32, to: i32): void {
  const groups = Gradient.groups(Call.gradient(call));
  for (let group = from; group < to; group++) {
    let task = Call.tasks(call) + (<usize>load<i32>(groups + <usize>group * GROUP_BYTES, 0) << 2);
    for (; ; task += TASK_BYTES) {
      if (load<i32>(task, 24) != TASK_FULL) hideTask(call, lane, task);
      if ((load<i32>(task, 28) & TASK_CLOSES_ROWS) != 0) break;
    }
  }
}

/** A tile of keys, which begins with a panel: its rows have one span, and bits behind it. */
function hideTask(call: usize, lane: usize, task: usize): void {
  const rows = load<i32>(task, 8), columns = load<i32>(task, 20);
  const queries = Call.list(call, load<i32>(task, 4)) + (<usize>load<i32>(task, 0) << 2);
  const keys = Call.list(call, load<i32>(task, 16)) + (<usize>load<i32>(task, 12) << 2);
  const spans = Call.masks(call) + (<usize>load<i32>(task, 24) << 2);
  const low = spanStart(spans, 0), high = spanEnd(spans, 0);
  const hashed = Call.hashed(call) != 0;
  // Lists follow one another, of rounds or of centres.
  const group = load<i32>(task, 4) / (hashed ? Call.length(call) : Routed.window(Call.routed(call)));
  const step = hashed ? bringHashed(call, lane, group, keys, columns) : bringRouted(call, lane, keys, columns, group);
  memory.fill(Lane.attended(lane), 0, <usize>rows * ATTENDED_ROW);
  for (let r = 0; r < rows; r += PANEL_QUERIES) {
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    hidePairs(call, lane, scores, r, rows, queries, keys, low, high, Lane.shown(lane), step, group);
  }
  const bytes: usize = <usize>((columns + 31) >> 5) << 2;
  const bits = spans + (<usize>rows << 2);
  for (let r: usize = 0; r < <usize>rows; r++) memory.copy(bits + r * bytes, Lane.attended(lane) + r * ATTENDED_ROW, bytes);
}

/** The gradients of queries `from … to-1`: sums of what each centre left where its own begin. */
export function joinQueries(call: usize, from: i32, to: i32): void {
  const g = Call.gradient(call);
  const routed = Call.routed(call);
  const bytes: usize = <usize>Call.d(call) << 2;
  for (let query = from; query < to; query++) {
    const row = Gradient.joined(g) + <usize>query * bytes;
    memory.fill(row, 0, bytes);
    const at = Routed.takerAt(routed) + (<usize>query << 2);
    for (let taker: usize = load<u32>(at); taker < <usize>load<u32>(at, 4); taker++) {
      const own = Gradient.dq(g) + <usize>load<u32>(Routed.slots(routed) + (taker << 2)) * bytes;
      for (let i: usize = 0; i < bytes; i += 4) store<f32>(row + i, load<f32>(row + i) + load<f32>(own + i));
    }
  }
}
