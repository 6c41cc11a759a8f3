import { Call } from "./call";
import { allFinite } from "./finite";
import {
  COLUMNS, HASHED_buckets, HASHED_chosen, HASHED_chunk, HASHED_chunks, HASHED_counts, HASHED_directions, HASHED_factors, HASHED_first,
  HASHED_order, HASHED_rotations, HASHED_rounds, HASHED_sameBucket, HASHED_second, PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW, SCORE_ROW,
} from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { factorOf, packUnits } from "./unit-rows";

/** Tokens that are sorted by hashes, round by round: 32-bit words at `hashed`, written by the host. Kitaev et al. 2020, arXiv 2001.04451. */
export class Hashed {
  /** What the head is hashed with, `[rounds, d · (first + second)]`, and the same as rows `QUERY_ROW` bytes apart. */
  @inline static rotations(hashed: usize): usize { return load<u32>(hashed, HASHED_rotations); }
  @inline static directions(hashed: usize): usize { return load<u32>(hashed, HASHED_directions); }
  @inline static first(hashed: usize): i32 { return load<i32>(hashed, HASHED_first); }
  @inline static second(hashed: usize): i32 { return load<i32>(hashed, HASHED_second); }
  @inline static rounds(hashed: usize): i32 { return load<i32>(hashed, HASHED_rounds); }
  @inline static buckets(hashed: usize): i32 { return load<i32>(hashed, HASHED_buckets); }
  @inline static chunk(hashed: usize): i32 { return load<i32>(hashed, HASHED_chunk); }
  @inline static sameBucket(hashed: usize): bool { return load<i32>(hashed, HASHED_sameBucket) != 0; }
  /** Bucket and chunk by token, and token by place, `[rounds, length]` each. */
  @inline static chosen(hashed: usize): usize { return load<u32>(hashed, HASHED_chosen); }
  @inline static chunks(hashed: usize): usize { return load<u32>(hashed, HASHED_chunks); }
  @inline static order(hashed: usize): usize { return load<u32>(hashed, HASHED_order); }
  /** Tokens in each bucket, `[rounds, buckets]`. */
  @inline static counts(hashed: usize): usize { return load<u32>(hashed, HASHED_counts); }
  /** What brings each token to length 1. */
  @inline static factors(hashed: usize): usize { return load<u32>(hashed, HASHED_factors); }
}

/** Lays out the directions of a round as rows. */
export function layDirections(call: usize, round: i32): void {
  const hashed = Call.hashed(call);
  const d = Call.d(call);
  const first = Hashed.first(hashed);
  const second = Hashed.second(hashed);
  const from = Hashed.rotations(hashed) + (<usize>(round * d * (first + second)) << 2);
  const to = Hashed.directions(hashed) + <usize>(round * (first + second)) * QUERY_ROW;
  layFactor(from, first, d, to);
  layFactor(from + (<usize>(d * first) << 2), second, d, to + <usize>first * QUERY_ROW);
}

function layFactor(from: usize, count: i32, d: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>d; i++) {
    for (let side = 0; side < count; side++) {
      store<f32>(to + <usize>side * QUERY_ROW + (i << 2), load<f32>(from));
      from += 4;
    }
  }
}

/** The buckets of tokens `from … to-1` in every round, and whether their values are finite. */
export function hashTokens(call: usize, lane: usize, from: i32, to: i32): void {
  const hashed = Call.hashed(call);
  const d = Call.d(call);
  const length = Call.length(call);
  const factors = Hashed.factors(hashed);
  const first = Hashed.first(hashed);
  const second = Hashed.second(hashed);
  const values = Call.v(call) + <usize>from * (<usize>Call.valueDim(call) << 2);
  if (!allFinite(values, (to - from) * Call.valueDim(call))) Call.clearFinite(call);
  for (let token = from; token < to; token += COLUMNS) {
    const count = min(COLUMNS, to - token);
    for (let t = token; t < token + count; t++) {
      store<f32>(factors + (<usize>t << 2), factorOf(Call.q(call) + (<usize>(t * d) << 2), d));
    }
    const some = factors + (<usize>token << 2);
    packUnits(0, Call.q(call) + (<usize>(token * d) << 2), count, d, some, Lane.classKeys(lane));
    let directions = Hashed.directions(hashed);
    for (let round = 0; round < Hashed.rounds(hashed); round++) {
      const chosen = Hashed.chosen(hashed) + (<usize>(round * length + token) << 2);
      findLargest(lane, directions, first, count, d, chosen, 0);
      directions += <usize>first * QUERY_ROW;
      if (second > 0) findLargest(lane, directions, second, count, d, chosen, 2 * second);
      directions += <usize>second * QUERY_ROW;
    }
  }
}

/**
 * Which of `sides` directions and then their opposites is nearest to each of `count` tokens packed in the lane, the first of those as
 * near; added to `weight` times what is at `chosen`, or written there if that is 0.
 */
function findLargest(lane: usize, directions: usize, sides: i32, count: i32, d: i32, chosen: usize, weight: i32): void {
  const best = Lane.shown(lane);
  for (let column: usize = 0; column < <usize>count << 2; column += 16) {
    v128.store(best + column, f32x4.splat(-Infinity));
    v128.store(best + SCORE_ROW + column, i32x4.splat(0));
    v128.store(best + 2 * SCORE_ROW + column, f32x4.splat(Infinity));
    v128.store(best + 3 * SCORE_ROW + column, i32x4.splat(0));
  }
  for (let side = 0; side < sides; side += QUERIES) {
    const rows = min(QUERIES, sides - side);
    multiplySides(lane, directions + <usize>side * QUERY_ROW, rows, count, d);
    for (let column: usize = 0; column < <usize>count << 2; column += 16) raiseBest(lane, best + column, column, side, rows);
  }
  const factor = i32x4.splat(weight);
  for (let column: usize = 0; column < <usize>count << 2; column += 16) {
    const high = v128.load(best + column);
    const low = v128.load(best + 2 * SCORE_ROW + column);
    const opposite = i32x4.add(v128.load(best + 3 * SCORE_ROW + column), i32x4.splat(sides));
    const nearest = v128.bitselect(opposite, v128.load(best + SCORE_ROW + column), f32x4.gt(f32x4.neg(low), high));
    const leading = weight == 0 ? i32x4.splat(0) : i32x4.mul(factor, v128.load(chosen + column));
    storeSome(chosen + column, i32x4.add(leading, nearest), count - <i32>(column >> 2));
  }
}

/** Writes up to four numbers: those of other threads may follow. */
function storeSome(to: usize, four: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, four);
    return;
  }
  store<i32>(to, i32x4.extract_lane(four, 0));
  if (count > 1) store<i32>(to, i32x4.extract_lane(four, 1), 4);
  if (count > 2) store<i32>(to, i32x4.extract_lane(four, 2), 8);
}

/** Products of `rows` directions with the packed tokens, in the lane's scores. */
export function multiplySides(lane: usize, directions: usize, rows: i32, count: i32, d: i32): void {
  let keys = Lane.classKeys(lane);
  for (let column = 0; column < count; column += PANEL_KEYS) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
      scoresTile(rows - r, directions + <usize>r * QUERY_ROW, keys, PANEL_KEYS << 2, scores, SCORE_ROW, d);
    }
    keys += <usize>(d * PANEL_KEYS) << 2;
  }
}

/** Four tokens: the largest and the smallest of their products so far, and of which side. */
@inline
function raiseBest(lane: usize, best: usize, column: usize, side: i32, rows: i32): void {
  let high = v128.load(best), highSide = v128.load(best + SCORE_ROW);
  let low = v128.load(best + 2 * SCORE_ROW), lowSide = v128.load(best + 3 * SCORE_ROW);
  let scores = Lane.scores(lane) + column;
  for (let r = 0; r < rows; r++) {
    const one = v128.load(scores);
    const own = i32x4.splat(side + r);
    const above = f32x4.gt(one, high);
    const below = f32x4.lt(one, low);
    high = v128.bitselect(one, high, above);
    highSide = v128.bitselect(own, highSide, above);
    low = v128.bitselect(one, low, below);
    lowSide = v128.bitselect(own, lowSide, below);
    scores += SCORE_ROW;
  }
  v128.store(best, high);
  v128.store(best + SCORE_ROW, highSide);
  v128.store(best + 2 * SCORE_ROW, low);
  v128.store(best + 3 * SCORE_ROW, lowSide);
}

/** Sorts the tokens of a round by bucket and position, by counting, and cuts them into chunks. */
export function sortRound(call: usize, round: i32): void {
  const hashed = Call.hashed(call);
  const length = Call.length(call);
  const buckets = Hashed.buckets(hashed);
  const counts = Hashed.counts(hashed) + (<usize>(round * buckets) << 2);
  const start: usize = <usize>(round * length) << 2;
  const chosen = Hashed.chosen(hashed) + start;
  const order = Hashed.order(hashed) + start;
  const chunks = Hashed.chunks(hashed) + start;
  const bytes: usize = <usize>length << 2;
  memory.fill(counts, 0, <usize>buckets << 2);
  for (let token: usize = 0; token < bytes; token += 4) {
    const count = counts + (<usize>load<u32>(chosen + token) << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
  let before = 0;
  for (let bucket: usize = 0; bucket < <usize>buckets << 2; bucket += 4) {
    const count = load<i32>(counts + bucket);
    store<i32>(counts + bucket, before);
    before += count;
  }
  for (let token = 0; token < length; token++) {
    const count = counts + (<usize>load<u32>(chosen + (<usize>token << 2)) << 2);
    const place = load<i32>(count);
    store<i32>(count, place + 1);
    store<i32>(order + (<usize>place << 2), token);
  }
  const size = Hashed.chunk(hashed);
  for (let place = 0, chunk = 0, left = size; place < length; place++) {
    store<i32>(chunks + (<usize>load<u32>(order + (<usize>place << 2)) << 2), chunk);
    if (--left > 0) continue;
    left = size;
    chunk++;
  }
}
