import { Call } from "../call";
import {
  CHANNEL_CHUNK, CHANNEL_ROW_chunk, CHANNEL_ROW_total, ERASE_never, ITEM_BYTES, RECURRENCE_ITEM_join, RECURRENCE_ITEM_slice, RECURRENCE_ITEM_sum, TOKEN_CHUNK,
} from "../generated/layout";
import { allFinite } from "../finite";
import { Lane } from "../lane";
import { multiplyRow, prepareByChannel } from "./channel-chunk";
import { makeValues, readChunk, writeChunk, writeState } from "./finish";
import { fillFloats, openGates } from "./open";
import { stepTokens } from "./step";
import { prepareByToken } from "./token-chunk";
import { Place, Recurrence, Scratch } from "./words";

/**
 * Recurrences of matrices: the items `from … to`, which threads share out. A slice is a head of q of a batch entry, from its first
 * token on. Where nothing is erased its tokens are cut into segments. Where there are fewer slices than threads, what each writes
 * by itself is summed first, joined in their order, and then each goes on from the state before it.
 */
export function runRecurrenceItems(call: usize, lane: usize, from: usize, to: usize): void {
  const r = Call.recurrence(call), s = Lane.scratch(lane);
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0), slice = load<i32>(item, 4), segment = load<i32>(item, 8);
    if (kind == RECURRENCE_ITEM_join) {
      join(r, slice);
      continue;
    }
    Place.pointAt(r, s, slice, Recurrence.length(r));
    openGates(r, s, slice);
    if (kind == RECURRENCE_ITEM_slice) walkOn(r, s);
    else {
      const state = Recurrence.state(r, slice * Recurrence.segments(r) + segment);
      if (kind == RECURRENCE_ITEM_sum) sum(r, s, segment, state);
      else walk(r, s, segment, state);
    }
  }
}

/** Prepares the gates of every slice, for steps: the weights stay as they are. */
export function openRecurrence(call: usize, lane: usize): void {
  const r = Call.recurrence(call), s = Lane.scratch(lane);
  for (let slice = 0; slice < Recurrence.slices(r); slice++) {
    Place.pointAt(r, s, slice, 0);
    openGates(r, s, slice);
  }
}

/** One token in every slice, whose tensors have one token each. */
export function stepRecurrence(call: usize, lane: usize): void {
  const r = Call.recurrence(call), s = Lane.scratch(lane);
  for (let slice = 0; slice < Recurrence.slices(r); slice++) {
    Place.pointAt(r, s, slice, 1);
    stepTokens(r, s, 0, 1, Recurrence.state(r, slice), true);
  }
}

/** Takes the first `count` tokens of the call's rooms, which are of one slice, into its state: bit by bit what as many steps leave. */
export function takeRecurrence(call: usize, lane: usize, slice: i32, count: i32): void {
  const r = Call.recurrence(call), s = Lane.scratch(lane);
  Place.pointAt(r, s, slice, 0);
  stepTokens(r, s, 0, count, Recurrence.state(r, slice), false);
}

export function clear(r: usize, state: usize): void {
  memory.fill(state, 0, Recurrence.rowBytes(r) * <usize>Recurrence.d(r));
}

@inline
export function chunkTokens(r: usize): i32 { return Recurrence.byChannel(r) ? CHANNEL_CHUNK : TOKEN_CHUNK; }

@inline
function prepare(r: usize, s: usize, first: i32, count: i32, reads: bool): void {
  if (Recurrence.byChannel(r)) prepareByChannel(r, s, first, count, reads);
  else prepareByToken(r, s, first, count, reads);
}

@inline
export function segmentStart(r: usize, segment: i32): i32 { return segment * Recurrence.segmentTokens(r); }

@inline
export function segmentEnd(r: usize, segment: i32): i32 { return min(Recurrence.length(r), segmentStart(r, segment + 1)); }

/** All segments of a slice one after the other. */
function walkOn(r: usize, s: usize): void {
  const before = Scratch.before(r, s);
  clear(r, before);
  for (let segment = 0; segment < Recurrence.segments(r); segment++) {
    if (segment > 0) addDecayed(r, s, before, before);
    walk(r, s, segment, before);
  }
}

/**
 * A segment and its outputs, `before` being the state before it. What its own tokens write is summed by itself, as by `sum`, and
 * added to what is left of the state before whenever that is read: the sums are the same however many threads add them up.
 */
function walk(r: usize, s: usize, segment: i32, before: usize): void {
  const own = Scratch.state(r, s);
  // Nothing is before the first.
  let isAlone = segment == 0;
  open(r, s, own);
  const end = segmentEnd(r, segment);
  for (let first = segmentStart(r, segment); first < end; first += chunkTokens(r)) {
    const count = min(chunkTokens(r), end - first);
    const state = isAlone ? own : Scratch.joined(r, s);
    if (!isAlone) addDecayed(r, s, before, state);
    if (Recurrence.keeps(r)) memory.copy(keptState(r, s, first), state, Recurrence.keptBytes(r));
    if (takeChunk(r, s, first, count, state, own)) leave(r, s);
    else {
      memory.copy(before, state, Recurrence.rowBytes(r) * <usize>Recurrence.d(r));
      takeBroken(r, s, first, count, before);
      isAlone = false;
      open(r, s, own);
    }
  }
}

/** Where the state before the chunk that begins with a token is kept. */
@inline
export function keptState(r: usize, s: usize, first: i32): usize {
  return Place.kept(r, s) + <usize>(first / chunkTokens(r)) * Recurrence.keptBytes(r);
}

/** No token is taken in: none is written, and all of a state before is left. */
@inline
export function open(r: usize, s: usize, own: usize): void {
  clear(r, own);
  fillFloats(Scratch.row(r, s, CHANNEL_ROW_total), Recurrence.channels(r), 1);
}

/** What a chunk leaves of a state before it, of what was left so far. */
@inline
export function leave(r: usize, s: usize): void {
  multiplyRow(Scratch.row(r, s, CHANNEL_ROW_total), Scratch.row(r, s, CHANNEL_ROW_chunk), <usize>Recurrence.channels(r) << 2);
}

/** What is left of the state before, and what was written since, into `to`. */
export function addDecayed(r: usize, s: usize, before: usize, to: usize): void {
  const rowBytes = Recurrence.rowBytes(r);
  const total = Scratch.row(r, s, CHANNEL_ROW_total);
  let own = Scratch.state(r, s);
  for (let c = 0; c < Recurrence.d(r); c++) {
    const left = v128.load32_splat(total + (<usize>c << 2));
    for (let i: usize = 0; i < rowBytes; i += 16) {
      v128.store(to + i, f32x4.add(f32x4.mul(v128.load(before + i), left), v128.load(own + i)));
    }
    before += rowBytes;
    own += rowBytes;
    to += rowBytes;
  }
}

/**
 * Takes in a chunk whose output is not finite: the tokens before the first that is not as a chunk, so that they keep their bits
 * whatever comes later, and the others one by one.
 */
function takeBroken(r: usize, s: usize, first: i32, count: i32, state: usize): void {
  let whole = finiteTokens(r, s, first, count);
  if (whole == count || whole == 0 || !takeChunk(r, s, first, whole, state, state)) whole = 0;
  stepTokens(r, s, first + whole, count - whole, state, true);
}

/** Tokens before the first whose key or value is not finite. */
function finiteTokens(r: usize, s: usize, first: i32, count: i32): i32 {
  const d = Recurrence.d(r), valueDim = Recurrence.valueDim(r);
  for (let t = 0; t < count; t++) {
    const token = first + t;
    if (!allFinite(Place.k(r, s) + (<usize>(token * d) << 2), d)) return t;
    if (!allFinite(Place.v(r, s) + (<usize>(token * valueDim) << 2), valueDim)) return t;
  }
  return count;
}

/**
 * Writes the outputs of a chunk that reads `state`, and takes it into `own`; or returns that it has to be done token by token, and
 * leaves both as they are.
 */
function takeChunk(r: usize, s: usize, first: i32, count: i32, state: usize, own: usize): bool {
  if (Recurrence.stepwise(r)) return false;
  prepare(r, s, first, count, true);
  if (Recurrence.erase(r) != ERASE_never) makeValues(r, s, first, count, state);
  if (!readChunk(r, s, first, count, state)) return false;
  writeChunk(r, s, first, count);
  writeState(r, s, first, count, own);
  return true;
}

/** What a segment writes by itself, and behind it what it leaves of a state before it. */
function sum(r: usize, s: usize, segment: i32, state: usize): void {
  open(r, s, state);
  const end = segmentEnd(r, segment);
  for (let first = segmentStart(r, segment); first < end; first += chunkTokens(r)) {
    const count = min(chunkTokens(r), end - first);
    prepare(r, s, first, count, false);
    writeState(r, s, first, count, state);
    leave(r, s);
  }
  memory.copy(state + Recurrence.totalAt(r), Scratch.row(r, s, CHANNEL_ROW_total), <usize>Recurrence.channels(r) << 2);
}

/** The state of each segment of a slice becomes the one before it. */
function join(r: usize, slice: i32): void {
  const segments = Recurrence.segments(r);
  const rowBytes = Recurrence.rowBytes(r);
  for (let c = 0; c < Recurrence.d(r); c++) {
    for (let i: usize = 0; i < rowBytes; i += 4) {
      let before: f32 = 0;
      for (let segment = 0; segment < segments; segment++) {
        const state = Recurrence.state(r, slice * segments + segment);
        const at = state + <usize>c * rowBytes + i;
        const own = load<f32>(at);
        store<f32>(at, before);
        before = before * load<f32>(state + Recurrence.totalAt(r) + (<usize>c << 2)) + own;
      }
    }
  }
}
