import { Call, HeadScore } from "./call";
import { dotRows } from "./dot-rows";
import { ACTIVATION_none, ACTIVATION_steep, ACTIVATION_tanh, SLICE_score, TANH_WORDS } from "./generated/layout";
import { Lane } from "./lane";
import { scoreKeys } from "./matrix-vector";
import { activatedParts } from "./pair-scores";
import { writeScaled } from "./rows";
import { joinSums } from "./softmax";
import { layTanh } from "./tanh";

/** Scores of one query and cached keys, whose rows are filled up with zeros to a multiple of 8 floats, as those of w are. */

/** Copies a row of numbers times a factor, and fills it up with zeros. */
export function padRow(from: usize, bytes: usize, factor: f32, to: usize, rowBytes: usize): void {
  writeScaled(from, <i32>(bytes >> 2), factor, to);
  for (let i = bytes; i < rowBytes; i += 4) store<f32>(to + i, 0);
}

/** What the scores of reader `r` of a cache are made with. */
@inline
function scoreOf(call: usize, slice: usize, r: usize): usize { return <usize>load<u32>(slice, SLICE_score) + r * Call.scoreBytes(call); }

/** What the query of reader `r` adds to its split scores. */
@inline
function ofQuery(lane: usize, r: usize): usize { return Lane.exact(lane) + (<usize>TANH_WORDS << 2) + (r << 2); }

/** Puts a query where `scoreCached` reads it. Of a split score that is b, with which keys have products. */
export function putQuery(call: usize, lane: usize, slice: usize, r: usize, query: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.keyWidth(call) << 2;
  const row = Lane.queries(lane) + r * rowBytes;
  if (!Call.splits(call)) {
    padRow(query, <usize>d << 2, Call.factor(call), row, rowBytes);
    return;
  }
  const score = scoreOf(call, slice, r);
  dotRows(query, 0, 1, HeadScore.first(score), d, ofQuery(lane, r), 0);
  padRow(HeadScore.second(score, d), <usize>d << 2, 1, row, rowBytes);
}

/** Scores of `count` keys `step` bytes apart for reader `r`. May write up to three numbers more. */
@inline
export function scoreCached(call: usize, lane: usize, slice: usize, r: usize, key: usize, step: usize, count: i32, scores: usize): void {
  const rowBytes: usize = <usize>Call.keyWidth(call) << 2;
  const query = Lane.queries(lane) + r * rowBytes;
  if (Call.activation(call) == ACTIVATION_none) scoreKeys(query, key, step, count, rowBytes, scores, Lane.parts(lane));
  else scoreActivated(call, lane, scoreOf(call, slice, r), r, query, key, step, count, scores);
}

function scoreActivated(
  call: usize, lane: usize, score: usize, r: usize, query: usize, key: usize, step: usize, count: i32, scores: usize,
): void {
  const rowBytes: usize = <usize>Call.keyWidth(call) << 2;
  const activation = Call.activation(call);
  const steep = activation == ACTIVATION_steep;
  const parts = Lane.parts(lane);
  if (Call.splits(call)) {
    scoreKeys(query, key, step, count, rowBytes, scores, parts);
    splitRow(scores, count, load<f32>(ofQuery(lane, r)), HeadScore.slope(score), steep);
    return;
  }
  const weights = HeadScore.first(score);
  const table = Lane.exact(lane);
  if (activation == ACTIVATION_tanh) layTanh(table);
  const slope = HeadScore.slope(score);
  for (let left = count; left > 0; left -= 4) {
    // The last ones again in the place of those that are missing.
    const key1 = left > 1 ? key + step : key;
    const key2 = left > 2 ? key1 + step : key1;
    const key3 = left > 3 ? key2 + step : key2;
    activatedParts(activation, query, key, key1, key2, key3, left, weights, rowBytes, slope, parts, table);
    v128.store(scores, joinSums(parts));
    scores += 16;
    key = key3 + step;
  }
}

/** Adds the query's number to those of the keys, and leaks what is negative. */
function splitRow(scores: usize, count: i32, query: f32, slope: f32, steep: bool): void {
  const number = f32x4.splat(query);
  const leak = f32x4.splat(slope);
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    const x = f32x4.add(number, v128.load(scores + i));
    const y = f32x4.mul(x, leak);
    v128.store(scores + i, steep ? f32x4.pmin(x, y) : f32x4.pmax(x, y));
  }
}
