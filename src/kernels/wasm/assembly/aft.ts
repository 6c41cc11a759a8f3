import { joinChunkMaxima, joinChunkSums, maximaOfChunk, packBiases, sumChunk, weighChunk } from "./aft-chunks";
import { runBlock } from "./aft-rows";
import { joinStates, readRows, scanOn, scanSegment, sumSegment } from "./aft-scan";
import { Call } from "./call";
import {
  AFT_joinMaxima, AFT_joinStates, AFT_joinSums, AFT_maxima, AFT_read, AFT_rows, AFT_scan, AFT_scanOn, AFT_sum, AFT_weigh, ITEM_BYTES,
} from "./generated/layout";
import { Lane } from "./lane";

/**
 * One head of `σ(q) ⊙ Σ e^(k + w) v / Σ e^(k + w)`, channel by channel: the items `from … to`, which threads share out. With biases w
 * of positions, tokens are taken in chunks of `QUERIES`: the largest key of each channel first, then keys and values relative to it, and then blocks of
 * rows. Without, a state of three numbers a channel goes from segment to segment.
 */
export function runAftItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const last = load<i32>(item, 8);
    if (kind == AFT_maxima) for (let chunk = first; chunk < last; chunk++) maximaOfChunk(call, chunk);
    else if (kind == AFT_joinMaxima) joinChunkMaxima(call);
    else if (kind == AFT_weigh) for (let chunk = first; chunk < last; chunk++) prepareChunk(call, lane, chunk);
    else if (kind == AFT_joinSums) joinChunkSums(call, lane);
    else if (kind == AFT_rows) runBlocks(call, lane, first, last);
    else if (kind == AFT_sum) sumSegment(call, lane, first);
    else if (kind == AFT_joinStates) joinStates(call, lane);
    else if (kind == AFT_scan) scanSegment(call, lane, first);
    else if (kind == AFT_scanOn) scanOn(call, lane, first);
    else if (kind == AFT_read) readRows(call, lane, first, last);
  }
}

/** What blocks of rows read of a chunk: its keys and values, what its biases are made of, and its sums. */
function prepareChunk(call: usize, lane: usize, chunk: i32): void {
  const weighted = weighChunk(call, lane, chunk);
  if (Call.before(call) != 0) sumChunk(call, chunk, weighted);
  if (Call.keys(call) != 0) packBiases(call, lane, chunk);
}

/** Blocks of rows, one after the other: what they read of a chunk is made once for all of them, unless it is kept. */
function runBlocks(call: usize, lane: usize, first: i32, last: i32): void {
  store<i32>(Lane.made(lane), 0);
  for (let block = first; block < last; block++) runBlock(call, lane, block);
}
