import { addListed, placeOf } from "./bias";
import { Call, HeadScore } from "./call";
import { dotRows } from "./dot-rows";
import { ACTIVATION_none, ACTIVATION_steep, ACTIVATION_tanh } from "./generated/layout";
import { Lane } from "./lane";
import { padQuery, rowOf, scoreRow } from "./listed-rows";
import { activatedParts } from "./pair-scores";
import { writeScaled } from "./rows";
import { joinSums } from "./softmax";
import { layTanh } from "./tanh";
import { turnRow } from "./turn";

/**
 * Scores of gathered rows that are more than products of q and k. What can be made of keys by themselves is made first, once for all
 * rows: keys turned, or filled up with zeros to a multiple of 8 floats `[length, keyWidth]`, or what each adds to the split scores of
 * each reader `[readers, length]`.
 */

/** Whether scores are products of q and k as they lie there, with nothing added. */
@inline
export function arePlain(call: usize): bool {
  return Call.activation(call) == ACTIVATION_none && Call.turns(call) == 0 && Call.bias(call) == 0;
}

/** What the scores of a reader are made with. */
@inline
function scoreOf(call: usize, reader: usize): usize { return Call.score(call) + reader * Call.scoreBytes(call); }

/** Prepares the keys of tokens `from … to-1`. */
export function prepareKeys(call: usize, lane: usize, from: i32, to: i32): void {
  const keyBytes: usize = <usize>Call.d(call) << 2;
  let key = Call.k(call) + <usize>from * keyBytes;
  for (let token = from; token < to; token++) {
    if (Call.splits(call)) splitKey(call, lane, token, key);
    else copyKey(call, token, key);
    key += keyBytes;
  }
}

function splitKey(call: usize, lane: usize, token: i32, key: usize): void {
  const d = Call.d(call);
  if (Call.turns(call) != 0) {
    turnRow(call, key, token, Lane.turned(lane));
    key = Lane.turned(lane);
  }
  let number = Call.keys(call) + (<usize>token << 2);
  for (let reader: usize = 0; reader < <usize>Call.readers(call); reader++) {
    dotRows(key, 0, 1, HeadScore.second(scoreOf(call, reader), d), d, number, 0);
    number += <usize>Call.length(call) << 2;
  }
}

function copyKey(call: usize, token: i32, key: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.keyWidth(call) << 2;
  const to = Call.keys(call) + <usize>token * rowBytes;
  if (Call.turns(call) != 0) turnRow(call, key, token, to);
  else writeScaled(key, d, 1, to);
  for (let i: usize = <usize>d << 2; i < rowBytes; i += 4) store<f32>(to + i, 0);
}

/** Scores of the query at `from`, of one row, and the keys of a list. May write up to three numbers more. */
export function scoreFormed(
  call: usize, lane: usize, reader: usize, row: i32, from: usize, list: usize, count: i32, scores: usize,
): void {
  const token = Call.firstQuery(call) + row;
  if (Call.turns(call) != 0) {
    turnRow(call, from, token, Lane.turned(lane));
    from = Lane.turned(lane);
  }
  if (Call.splits(call)) scoreSplit(call, lane, reader, from, list, count, scores);
  else {
    const query = Lane.queries(lane);
    const keys: usize = Call.keys(call) == 0 ? Call.k(call) : Call.keys(call);
    const rowBytes: usize = <usize>Call.keyWidth(call) << 2;
    padQuery(from, Call.d(call), Call.factor(call), query);
    if (Call.activation(call) == ACTIVATION_none) scoreRow(query, keys, rowBytes, list, count, scores, Lane.parts(lane));
    else scoreActivated(call, lane, scoreOf(call, reader), query, keys, rowBytes, list, count, scores);
  }
  if (Call.bias(call) == 0) return;
  const biases = Call.bias(call) + reader * Call.biasBytes(call) - placeOf(call, token);
  addListed(call, scores, list, count, biases);
}

/** Split scores: the query's number and those of the keys, and what is negative leaks. */
function scoreSplit(call: usize, lane: usize, reader: usize, query: usize, list: usize, count: i32, scores: usize): void {
  const score = scoreOf(call, reader);
  const d = Call.d(call);
  dotRows(query, 0, 1, HeadScore.first(score), d, Lane.queries(lane), 0);
  const ofQuery = v128.load32_splat(Lane.queries(lane));
  const slope = f32x4.splat(HeadScore.slope(score));
  const steep = Call.activation(call) == ACTIVATION_steep;
  const numbers = Call.keys(call) + ((reader * <usize>Call.length(call)) << 2);
  for (let left = count; left > 0; left -= 4) {
    // The last ones again in the place of those that are missing.
    const key = rowOf(numbers, 4, list, 0);
    const key1 = left > 1 ? rowOf(numbers, 4, list, 1) : key;
    const key2 = left > 2 ? rowOf(numbers, 4, list, 2) : key1;
    const key3 = left > 3 ? rowOf(numbers, 4, list, 3) : key2;
    let ofKeys = v128.load32_zero(key);
    ofKeys = v128.load32_lane(key1, ofKeys, 1);
    ofKeys = v128.load32_lane(key2, ofKeys, 2);
    ofKeys = v128.load32_lane(key3, ofKeys, 3);
    const x = f32x4.add(ofQuery, ofKeys);
    const y = f32x4.mul(x, slope);
    v128.store(scores, steep ? f32x4.pmin(x, y) : f32x4.pmax(x, y));
    scores += 16;
    list += 16;
  }
}

/** `Σ_c w_c act(q_c + k_c)`, four keys side by side. */
function scoreActivated(
  call: usize, lane: usize, score: usize, query: usize, keys: usize, rowBytes: usize, list: usize, count: i32, scores: usize,
): void {
  const activation = Call.activation(call);
  const weights = HeadScore.first(score);
  const slope = HeadScore.slope(score);
  const parts = Lane.parts(lane);
  const table = Lane.exact(lane);
  if (activation == ACTIVATION_tanh) layTanh(table);
  for (let left = count; left > 0; left -= 4) {
    const key = rowOf(keys, rowBytes, list, 0);
    const key1 = left > 1 ? rowOf(keys, rowBytes, list, 1) : key;
    const key2 = left > 2 ? rowOf(keys, rowBytes, list, 2) : key1;
    const key3 = left > 3 ? rowOf(keys, rowBytes, list, 3) : key2;
    activatedParts(activation, query, key, key1, key2, key3, left, weights, rowBytes, slope, parts, table);
    v128.store(scores, joinSums(parts));
    scores += 16;
    list += 16;
  }
}
