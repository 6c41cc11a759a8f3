import { Call } from "../../call";
import { allFinite } from "../../finite";
import {
  BACKWARD_ITEM_join, BACKWARD_ITEM_slice, BACKWARD_ITEM_sum, BACKWARD_ITEM_weights, CHANNEL_ROW_total, DECAY_softplus, ERASE_never,
  ITEM_BYTES, QUERY_ROW, TOKEN_ROW_fromStart, WRITE_logistic,
} from "../../generated/layout";
import { Lane } from "../../lane";
import { decayQueries } from "../channel-chunk";
import { makeValues, writeState } from "../finish";
import { isLearned } from "../gates";
import { openGates } from "../open";
import { scaleRows } from "../rows";
import { addDecayed, chunkTokens, clear, keptState, leave, open, segmentEnd, segmentStart } from "../run";
import { stepTokens } from "../step";
import { prepareByToken, sumLogs } from "../token-chunk";
import { Place, Recurrence, Scratch } from "../words";
import { backByChannel } from "./channel-chunk";
import { goBefore } from "./chunk";
import { closeChunk } from "./close";
import { openBackward, openSums } from "./open";
import { backByToken } from "./token-chunk";
import { Backward, Rows } from "./words";

/**
 * Gradients of recurrences of matrices: the items `from … to`, which threads share out. A slice goes back from its last chunk, with
 * the gradient of the state in the place of the state; the states before chunks are those that the forward pass kept. Segments are
 * those of the forward pass, and threads share them out in the same cases: what each leaves of the gradient by itself is summed
 * first, joined from the last one on, and then each goes back from the gradient after it.
 */
export function runRecurrenceGradientItems(call: usize, lane: usize, from: usize, to: usize): void {
  const r = Call.recurrence(call), s = Lane.scratch(lane);
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0), slice = load<i32>(item, 4), segment = load<i32>(item, 8);
    if (kind == BACKWARD_ITEM_join) join(r, slice);
    else if (kind == BACKWARD_ITEM_weights) joinWeights(r, slice);
    else {
      Place.pointAt(r, s, slice, Recurrence.length(r));
      openGates(r, s, slice);
      if (kind == BACKWARD_ITEM_slice) walkOn(r, s, slice);
      else {
        const state = Recurrence.state(r, slice * Recurrence.segments(r) + segment);
        if (kind == BACKWARD_ITEM_sum) sum(r, s, slice, segment, state);
        else walk(r, s, slice, segment, state);
      }
    }
  }
}

/** All segments of a slice, from the last. */
function walkOn(r: usize, s: usize, slice: i32): void {
  const after = Scratch.before(r, s);
  const last = Recurrence.segments(r) - 1;
  clear(r, after);
  for (let segment = last; segment >= 0; segment--) {
    if (segment < last) addDecayed(r, s, after, after);
    walk(r, s, slice, segment, after);
  }
}

/** The first token of the last chunk of a segment. */
@inline
function lastChunk(r: usize, segment: i32): i32 {
  const start = segmentStart(r, segment);
  return start + (segmentEnd(r, segment) - 1 - start) / chunkTokens(r) * chunkTokens(r);
}

/**
 * A segment, back from its last chunk, `after` being the gradient of the state after it. What its own tokens leave of that is
 * summed by itself, as by `sum`, and added to what is left of `after` whenever that is read.
 */
function walk(r: usize, s: usize, slice: i32, segment: i32, after: usize): void {
  const own = Scratch.state(r, s);
  // Nothing is after the last.
  const isAlone = segment == Recurrence.segments(r) - 1;
  const sums = Backward.sums(r, slice * Recurrence.segments(r) + segment);
  memory.fill(sums, 0, Backward.sumBytes(r));
  open(r, s, own);
  const end = segmentEnd(r, segment);
  for (let first = lastChunk(r, segment); first >= segmentStart(r, segment); first -= chunkTokens(r)) {
    const count = min(chunkTokens(r), end - first);
    const gradient = isAlone ? own : Scratch.joined(r, s);
    if (!isAlone) addDecayed(r, s, after, gradient);
    const state = keptState(r, s, first);
    const together = Recurrence.stepwise(r) ? 1 : takeBack(r, s, slice, first, count, state, gradient, own, sums);
    if (Recurrence.stepwise(r) || together < count) spansBack(r, s, slice, first, count, together, state, own, sums);
    leave(r, s);
  }
}

/**
 * Goes back over a chunk: `gradient` is that of the state after it, and `own` what is summed of that. Returns how
 * many of its tokens may be done together: if not all, both are left as they are.
 */
function takeBack(
  r: usize, s: usize, slice: i32, first: i32, count: i32, state: usize, gradient: usize, own: usize, sums: usize,
): i32 {
  const together = goBack(r, s, slice, first, count, state, gradient, false);
  if (together < count) return together;
  if (!isChunkFinite(r, s, count)) goBack(r, s, slice, first, count, state, gradient, true);
  goBefore(r, s, count, own);
  closeChunk(r, s, slice, sums, first, count);
  return count;
}

/**
 * The same in spans, the first of so many tokens, each state being made once more of the one before: where something is erased, an
 * error that an earlier token makes in a chunk is not erased with what it was made in, as it is from span to span.
 */
function spansBack(
  r: usize, s: usize, slice: i32, first: i32, count: i32, together: i32, state: usize, own: usize, sums: usize,
): void {
  const bytes = Recurrence.keptBytes(r);
  const span = Backward.span(r);
  let before = Rows.states(r, s);
  memory.copy(before, state, bytes);
  let from = 0, here = together;
  while (from + here < count) {
    memory.copy(before + bytes, before, bytes);
    before += bytes;
    passOver(r, s, first + from, here, before);
    from += here;
    here = span;
  }
  for (let end = count; end > 0; end = from, from = from == together ? 0 : from - span) {
    takeBack(r, s, slice, first + from, end - from, before, own, own, sums);
    before -= bytes;
  }
}

/** Takes tokens into a state, as the forward pass does. */
function passOver(r: usize, s: usize, first: i32, count: i32, state: usize): void {
  if (Recurrence.stepwise(r)) {
    stepTokens(r, s, first, count, state, false);
    return;
  }
  prepareByToken(r, s, first, count, false);
  makeValues(r, s, first, count, state);
  writeState(r, s, first, count, state);
}

/** The gradients of a chunk's rows; returns how many may be made together, and has made them if those are all. */
function goBack(r: usize, s: usize, slice: i32, first: i32, count: i32, state: usize, after: usize, carefully: bool): i32 {
  openBackward(r, s, slice, first, count);
  if (!Recurrence.byChannel(r)) return backByToken(r, s, first, count, state, after, carefully);
  backByChannel(r, s, first, count, state, after, carefully);
  return count;
}

/** Whether all gradients of a chunk's rows are finite: if not, something that is not may have been multiplied by 0. */
function isChunkFinite(r: usize, s: usize, count: i32): bool {
  const d = Recurrence.d(r);
  return areFinite(Rows.ofQueries(r, s), count, d) && areFinite(Rows.ofKeys(r, s), count, d) &&
    areFinite(Rows.ofValues(r, s), count, Recurrence.valueDim(r)) &&
    (Recurrence.erase(r) == ERASE_never || areFinite(Rows.ofErasing(r, s), count, d));
}

function areFinite(rows: usize, count: i32, width: i32): bool {
  for (let t = 0; t < count; t++) if (!allFinite(rows + <usize>t * QUERY_ROW, width)) return false;
  return true;
}

/** What a segment leaves of the gradient by itself, and behind it what it leaves of one after it. */
function sum(r: usize, s: usize, slice: i32, segment: i32, gradient: usize): void {
  open(r, s, gradient);
  const end = segmentEnd(r, segment);
  for (let first = lastChunk(r, segment); first >= segmentStart(r, segment); first -= chunkTokens(r)) {
    const count = min(chunkTokens(r), end - first);
    openSums(r, s, slice, first, count);
    if (Recurrence.byChannel(r)) decayQueries(r, s, count);
    else {
      sumLogs(r, s, count);
      scaleRows(Scratch.queries(r, s), count, Recurrence.channels(r), Scratch.tokens(r, s, TOKEN_ROW_fromStart));
    }
    goBefore(r, s, count, gradient);
    leave(r, s);
  }
  memory.copy(gradient + Recurrence.totalAt(r), Scratch.row(r, s, CHANNEL_ROW_total), <usize>Recurrence.channels(r) << 2);
}

/** What each segment of a slice leaves becomes the gradient after it. */
function join(r: usize, slice: i32): void {
  const segments = Recurrence.segments(r);
  const rowBytes = Recurrence.rowBytes(r);
  for (let c = 0; c < Recurrence.d(r); c++) {
    for (let i: usize = 0; i < rowBytes; i += 4) {
      let after: f32 = 0;
      for (let segment = segments - 1; segment >= 0; segment--) {
        const state = Recurrence.state(r, slice * segments + segment);
        const at = state + <usize>c * rowBytes + i;
        const own = load<f32>(at);
        store<f32>(at, after);
        after = after * load<f32>(state + Recurrence.totalAt(r) + (<usize>c << 2)) + own;
      }
    }
  }
}

/** Writes out the gradients of the weights of a head: what all segments add, of all batch entries. */
function joinWeights(r: usize, head: i32): void {
  const d = Recurrence.d(r);
  const decay = Recurrence.decay(r);
  if (isLearned(decay)) {
    const rows = Recurrence.decayPerChannel(r) ? d : 1;
    const width: usize = Recurrence.decayRow(r);
    let to = Backward.ddecay(r) + (<usize>(head * rows) * width << 2);
    for (let row = 0; row < rows; row++) {
      joinRow(r, head, rowAt(r, row), d, to);
      if (decay == DECAY_softplus) {
        const tail = Backward.tailAt(r) + (<usize>row << 2);
        joinRow(r, head, tail, 1, to + (<usize>d << 2));
        joinRow(r, head, tail + rowAt(r, 1), 1, to + (<usize>d << 2) + 4);
      }
      to += width << 2;
    }
  }
  if (Recurrence.write(r) != WRITE_logistic) return;
  const rows = Recurrence.writePerChannel(r) ? d : 1;
  const to = Backward.dwrite(r) + (<usize>(head * rows * d) << 2);
  for (let row = 0; row < rows; row++) joinRow(r, head, Backward.writeSumsAt(r) + rowAt(r, row), d, to + (<usize>(row * d) << 2));
}

@inline
function rowAt(r: usize, row: i32): usize { return <usize>(row * Recurrence.channels(r)) << 2; }

/** Adds up `count` numbers that lie `at` bytes into the sums of a head. */
function joinRow(r: usize, head: i32, at: usize, count: i32, to: usize): void {
  const segments = Recurrence.segments(r);
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    let total: f32 = 0;
    for (let entry = 0; entry < Backward.batch(r); entry++) {
      const first = (entry * Recurrence.heads(r) + head) * segments;
      for (let segment = segments - 1; segment >= 0; segment--) total += load<f32>(Backward.sums(r, first + segment) + at + i);
    }
    store<f32>(to + i, total);
  }
}
