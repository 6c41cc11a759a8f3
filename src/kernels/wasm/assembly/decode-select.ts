import { Call } from "./call";
import { chooseFor } from "./decode-choose";
import { padRow } from "./decode-scores";
import { summariseTokens } from "./decode-summaries";
import { dotRows } from "./dot-rows";
import { RULE_moba, RULE_nsa, RULE_topK } from "./generated/layout";
import { Kept } from "./kept-words";
import { Lane } from "./lane";
import { sumRow } from "./listed-rows";
import { addValues, scoreKeys } from "./matrix-vector";
import { writeScaled } from "./rows";
import { laySigmoid, sigmoidFloats } from "./sigmoid";
import { weighRow } from "./weigh-row";

/**
 * One token, q `[slices · readers, d]`, k, v and out alike in the call: each slice keeps its key and value, and its readers choose, and
 * attend what they chose.
 */
export function decodeSelected(call: usize, lane: usize, position: i32): void {
  const keyBytes: usize = <usize>Call.d(call) << 2, valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const keyRow: usize = <usize>Call.keyWidth(call) << 2, valueRow: usize = <usize>Call.width(call) << 2;
  const readers = Call.readers(call);
  let query = Call.q(call), out = Call.out(call);
  let key = Call.k(call), value = Call.v(call);
  for (let slice = 0; slice < Call.slices(call); slice++) {
    padRow(key, keyBytes, 1, Kept.keys(call, slice) + <usize>position * keyRow, keyRow);
    padRow(value, valueBytes, 1, Kept.values(call, slice) + <usize>position * valueRow, valueRow);
    summariseTokens(call, slice, position, 1);
    for (let r = 0; r < readers; r++) {
      padRow(query, keyBytes, Call.factor(call), Lane.queries(lane), keyRow);
      attend(call, lane, slice, slice * readers + r, position, query, out);
      query += keyBytes;
      out += valueBytes;
    }
    key += keyBytes;
    value += valueBytes;
  }
}

function attend(call: usize, lane: usize, slice: i32, reader: i32, position: i32, query: usize, out: usize): void {
  const list = Kept.choice(call, reader);
  const count = chooseFor(call, lane, slice, position, list);
  const rule = Kept.rule(call);
  if (rule == RULE_topK) attendListed(call, lane, slice, list, count, out);
  else if (rule == RULE_nsa) attendThree(call, lane, slice, reader, position, list, count, query, out);
  else {
    const size = Kept.block(call);
    let pieces = 0;
    for (let n = 0; n < count; n++) pieces = addBlock(lane, pieces, load<i32>(list + (<usize>n << 2)), size, position);
    if (rule == RULE_moba) pieces = addBlock(lane, pieces, position / size, size, position);
    const inverse = attendPieces(call, lane, Kept.keys(call, slice), Kept.values(call, slice), pieces);
    writeScaled(Lane.output(lane), Call.valueDim(call), inverse, out);
  }
}

/** Keys that were chosen one by one, whose scores are in the lane. */
function attendListed(call: usize, lane: usize, slice: i32, list: usize, count: i32, out: usize): void {
  const weights = Lane.best(lane);
  for (let n: usize = 0; n < <usize>count; n++) {
    store<f32>(weights + (n << 2), load<f32>(Lane.scores(lane) + (<usize>load<i32>(list + (n << 2)) << 2)));
  }
  const inverse = weighRow(call, 0, 0, weights, count, Lane.parts(lane));
  sumRow(weights, Kept.values(call, slice), <usize>Call.width(call) << 2, list, count, Lane.output(lane));
  writeScaled(Lane.output(lane), Call.valueDim(call), inverse, out);
}

/** Adds keys `first … first + count - 1` to the pieces that are attended, and returns how many those are. */
@inline
function addPiece(lane: usize, pieces: i32, first: i32, count: i32): i32 {
  const piece = Lane.rowSpans(lane) + (<usize>pieces << 3);
  store<i32>(piece, first, 0);
  store<i32>(piece, count, 4);
  return pieces + 1;
}

/** The same of the keys of a block up to a position. */
@inline
function addBlock(lane: usize, pieces: i32, block: i32, size: i32, position: i32): i32 {
  const first = block * size;
  return addPiece(lane, pieces, first, min(size, position + 1 - first));
}

/** Softmax over the rows of some pieces: leaves the sum of values in the lane, and returns what it is to be multiplied by. */
function attendPieces(call: usize, lane: usize, keys: usize, values: usize, pieces: i32): f32 {
  const keyRow: usize = <usize>Call.keyWidth(call) << 2, valueRow: usize = <usize>Call.width(call) << 2;
  const spans = Lane.rowSpans(lane);
  const end = spans + (<usize>pieces << 3);
  const parts = Lane.parts(lane);
  let scores = Lane.scores(lane);
  for (let piece = spans; piece < end; piece += 8) {
    const count = load<i32>(piece, 4);
    scoreKeys(Lane.queries(lane), keys + <usize>load<i32>(piece) * keyRow, keyRow, count, keyRow, scores, parts);
    scores += <usize>count << 2;
  }
  const inverse = weighRow(call, 0, 0, Lane.scores(lane), <i32>((scores - Lane.scores(lane)) >> 2), parts);
  const output = Lane.output(lane);
  memory.fill(output, 0, valueRow);
  let weights = Lane.scores(lane);
  for (let piece = spans; piece < end; piece += 8) {
    const count = load<i32>(piece, 4);
    addValues(weights, values + <usize>load<i32>(piece) * valueRow, valueRow, count, valueRow, output);
    weights += <usize>count << 2;
  }
  return inverse;
}

/** Three softmaxes, summed with gates: over means of blocks that have ended, over chosen blocks, and over the last keys. */
function attendThree(
  call: usize, lane: usize, slice: i32, reader: i32, position: i32, list: usize, count: i32, query: usize, out: usize,
): void {
  const size = Kept.block(call), own = position / size;
  const keys = Kept.keys(call, slice), values = Kept.values(call, slice);
  makeGates(call, lane, reader, query);
  memory.fill(out, 0, <usize>Call.valueDim(call) << 2);
  const ended = (position + 1) / size;
  if (ended > 0) {
    const inverse = attendPieces(call, lane, Kept.summaries(call, slice), Kept.meanValues(call, slice), addPiece(lane, 0, 0, ended));
    addGated(call, lane, 0, inverse, out);
  }
  let pieces = addBlock(lane, 0, 0, size, position);
  for (let n = 0; n < count; n++) pieces = addBlock(lane, pieces, load<i32>(list + (<usize>n << 2)), size, position);
  if (own > 1) pieces = addBlock(lane, pieces, own - 1, size, position);
  if (own > 0) pieces = addBlock(lane, pieces, own, size, position);
  addGated(call, lane, 1, attendPieces(call, lane, keys, values, pieces), out);
  const recent = min(Kept.window(call), position + 1);
  const window = addPiece(lane, 0, position + 1 - recent, recent);
  addGated(call, lane, 2, attendPieces(call, lane, keys, values, window), out);
}

/** Leaves the gates of a head of q in the lane. */
function makeGates(call: usize, lane: usize, reader: i32, query: usize): void {
  const heads = Call.sharers(call);
  const gates = Lane.scratch(lane);
  for (let softmax = 0; softmax < 3; softmax++) {
    const weights = Kept.gateWeights(call, softmax * heads + reader % heads);
    dotRows(query, 0, 1, weights, Call.d(call), gates + (<usize>softmax << 2), 4);
  }
  laySigmoid(Lane.parts(lane));
  sigmoidFloats(gates, 8, Lane.parts(lane));
}

/** out += gate · inverse · what is in the lane. */
function addGated(call: usize, lane: usize, softmax: usize, inverse: f32, out: usize): void {
  const factor = load<f32>(Lane.scratch(lane) + (softmax << 2)) * inverse;
  const output = Lane.output(lane);
  for (let i: usize = 0; i < <usize>Call.valueDim(call) << 2; i += 4) {
    store<f32>(out + i, load<f32>(out + i) + load<f32>(output + i) * factor);
  }
}
