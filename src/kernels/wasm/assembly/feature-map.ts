import { Call } from "./call";
import {
  FEATURE_accumulate, FEATURE_join, FEATURE_read, FEATURE_walk, FEATURE_walkOn, ITEM_BYTES, PANEL_KEYS, PANEL_QUERIES,
  QUERIES, QUERY_ROW,
} from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { features } from "./features";
import { Lane } from "./lane";
import { writeScaled } from "./rows";
import { addChunk, addStates, clearState, divisorOf, normaliser } from "./state";
import { addTriangle } from "./triangle";

/**
 * Linear attention of one head, φ(x) = elu(x) + 1: the items `from … to`, which threads share out. The tokens are cut into
 * segments, each with a state of its own, so that the sums are the same however many threads add them up.
 *
 * Not causal: accumulate every segment's state, join them, and read the sum with every query. Causal: a query reads the
 * states of the segments before its own, its segment's state so far, and the triangle of its own chunk. One thread walks the
 * segments one after another (walkOn); several accumulate and join them first, and then walk them in any order.
 */
export function runFeatureItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const operand = load<i32>(item, 4);
    if (kind == FEATURE_accumulate) accumulate(call, lane, operand);
    else if (kind == FEATURE_join) join(call);
    else if (kind == FEATURE_read) read(call, lane, operand, load<i32>(item, 8));
    else if (kind == FEATURE_walk) walk(call, lane, operand);
    else if (kind == FEATURE_walkOn) walkOn(call, lane, operand);
  }
}

/** The state of one segment. */
function accumulate(call: usize, lane: usize, segment: i32): void {
  const state = Call.state(call, segment);
  const end = segmentEnd(call, segment);
  clearState(call, state);
  for (let first = segment * Call.segmentTokens(call); first < end; first += QUERIES) {
    const count = min(QUERIES, end - first);
    keyFeatures(call, lane, first, count);
    addChunk(call, lane, first, count, state);
  }
}

/** Not causal: state 0 becomes the sum of all. Causal: each state becomes the sum of those before it. */
function join(call: usize): void {
  const segments = Call.segments(call);
  if (!Call.causal(call)) {
    for (let s = 1; s < segments; s++) addStates(Call.state(call, 0), Call.state(call, s), Call.state(call, 0), Call.stateBytes(call));
    return;
  }
  for (let s = segments - 1; s > 0; s--) memory.copy(Call.state(call, s), Call.state(call, s - 1), Call.stateBytes(call));
  clearState(call, Call.state(call, 0));
  for (let s = 1; s < segments; s++) addStates(Call.state(call, s - 1), Call.state(call, s), Call.state(call, s), Call.stateBytes(call));
}

/** Queries `from … to-1` against the state of all keys. */
function read(call: usize, lane: usize, from: i32, to: i32): void {
  for (let first = from; first < to; first += QUERIES) {
    const count = min(QUERIES, to - first);
    readState(call, lane, first, count, Call.state(call, 0));
    writeChunk(call, lane, first, count);
  }
}

/** One segment of a causal call, whose own place holds the sum of the states before it. */
function walk(call: usize, lane: usize, segment: i32): void {
  const end = segmentEnd(call, segment);
  clearState(call, Lane.local(lane));
  for (let first = segment * Call.segmentTokens(call); first < end; first += QUERIES) {
    const count = min(QUERIES, end - first);
    addStates(Call.state(call, segment), Lane.local(lane), Lane.state(lane), Call.stateBytes(call));
    readState(call, lane, first, count, Lane.state(lane));
    keyFeatures(call, lane, first, count);
    addTriangle(call, lane, first, count);
    writeChunk(call, lane, first, count);
    addChunk(call, lane, first, count, Lane.local(lane));
  }
}

/** The same, and leaves the next segment the sum that it begins with. */
function walkOn(call: usize, lane: usize, segment: i32): void {
  if (segment == 0) clearState(call, Call.state(call, 0));
  walk(call, lane, segment);
  if (segment + 1 < Call.segments(call)) {
    addStates(Call.state(call, segment), Lane.local(lane), Call.state(call, segment + 1), Call.stateBytes(call));
  }
}

@inline
function segmentEnd(call: usize, segment: i32): i32 {
  return min(Call.length(call), (segment + 1) * Call.segmentTokens(call));
}

function keyFeatures(call: usize, lane: usize, first: i32, count: i32): void {
  const d = Call.d(call);
  features(Call.k(call) + (<usize>(first * d) << 2), count, d, Lane.features(lane));
}

/** Sums and divisors of a chunk of queries: φ(Q)·S and φ(Q)·z + ε. Leaves φ(Q) in the lane. */
function readState(call: usize, lane: usize, first: i32, count: i32, state: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const columnBytes: usize = PANEL_KEYS << 2;
  features(Call.q(call) + (<usize>(first * d) << 2), count, d, Lane.queries(lane));
  for (let r = 0; r < count; r += PANEL_QUERIES) {
    const query = Lane.queries(lane) + <usize>r * QUERY_ROW;
    const output = Lane.output(lane) + <usize>r * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += columnBytes) {
      scoresTile(count - r, query, state + i, rowBytes, output + i, rowBytes, d);
    }
  }
  for (let r = 0; r < count; r++) {
    const divisor = divisorOf(Lane.queries(lane) + <usize>r * QUERY_ROW, normaliser(call, state), d) + Call.factor(call);
    store<f32>(Lane.divisors(lane) + (<usize>r << 2), divisor);
  }
}

/** Divides a chunk's sums and writes them out. */
function writeChunk(call: usize, lane: usize, first: i32, count: i32): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < count; r++) {
    const inverse: f32 = 1 / load<f32>(Lane.divisors(lane) + (<usize>r << 2));
    writeScaled(Lane.output(lane) + <usize>r * rowBytes, d, inverse, Call.out(call) + (<usize>((first + r) * d) << 2));
  }
}
