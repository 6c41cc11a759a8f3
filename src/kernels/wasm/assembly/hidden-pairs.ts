import { Call } from "./call";
import { PANEL_QUERIES, SCORE_ROW } from "./generated/layout";
import { Hashed } from "./hashed";
import { Lane } from "./lane";
import { Routed } from "./routed";
import { LEAST } from "./weigh";

/** Bytes of a bit for each column of a tile. */
export const ATTENDED_ROW: usize = 16;

/**
 * A panel of queries, tokens at `queries`, and the keys of a tile, tokens at `keys` from column 0 on: sets to -∞ the scores of
 * pairs that are not attended in this group, columns `low … high-1` being its own, and those that a group before has seen.
 * `group` is the round, or the centre; `shown` what tells of the keys which groups before saw them, rows `step` bytes apart: their
 * chunks, or a bit for each centre that took them. Says in the lane's floors which rows attend any key, and, where some value is
 * no number, in its bits which pairs are attended.
 */
export function hidePairs(
  call: usize, lane: usize, scores: usize, first: i32, rows: i32, queries: usize, keys: usize, low: i32, high: i32,
  shown: usize, step: usize, group: i32,
): void {
  for (let r = 0; r < PANEL_QUERIES; r++) {
    const floor = Lane.floors(lane) + (<usize>r << 2);
    if (first + r >= rows) {
      store<f32>(floor, -Infinity);
      continue;
    }
    const query = load<i32>(queries + (<usize>(first + r) << 2));
    const line = scores + <usize>r * SCORE_ROW;
    const bits: usize = Call.finite(call) ? 0 : Lane.attended(lane) + <usize>(first + r) * ATTENDED_ROW;
    const any = Call.hashed(call) != 0
      ? hideSorted(call, line, query, keys, low, high, shown, step, group, bits)
      : hideRouted(call, line, query, keys, low, high, shown, step, group, bits);
    store<f32>(floor, any ? LEAST : -Infinity);
  }
}

/** The same of one query whose keys are hashed queries. Returns whether it attends any. */
function hideSorted(
  call: usize, line: usize, query: i32, keys: usize, low: i32, high: i32, shown: usize, step: usize, round: i32, bits: usize,
): bool {
  const hashed = Call.hashed(call);
  const length = Call.length(call);
  const own = i32x4.splat(query);
  const causal = Call.causal(call);
  let all = i32x4.splat(-1);
  for (let column = low & ~7; column < high; column += 8) {
    const at: usize = <usize>column << 2;
    const t0 = v128.load(keys + at), t1 = v128.load(keys + at, 16);
    let h0 = i32x4.eq(t0, own), h1 = i32x4.eq(t1, own);
    if (causal) {
      h0 = v128.or(h0, i32x4.gt_s(t0, own));
      h1 = v128.or(h1, i32x4.gt_s(t1, own));
    }
    if (column < low || column + 8 > high) {
      h0 = v128.or(h0, outside(column, low, high));
      h1 = v128.or(h1, outside(column + 4, low, high));
    }
    if (!Hashed.sameBucket(hashed)) {
      const two = i32x4.splat(2);
      let chunk: usize = Hashed.chunks(hashed) + (<usize>query << 2);
      let seen = shown + at;
      for (let r = 0; r < round; r++) {
        const c = v128.load32_splat(chunk);
        h0 = v128.or(h0, i32x4.lt_u(i32x4.sub(c, v128.load(seen)), two));
        h1 = v128.or(h1, i32x4.lt_u(i32x4.sub(c, v128.load(seen, 16)), two));
        chunk += <usize>length << 2;
        seen += step;
      }
    } else {
      h0 = v128.or(h0, seenInBuckets(hashed, length, query, shown + at, step, round));
      h1 = v128.or(h1, seenInBuckets(hashed, length, query, shown + at + 16, step, round));
    }
    all = v128.and(all, v128.and(h0, h1));
    hide(line + at, h0, h1, bits, column);
  }
  return !i32x4.all_true(all);
}

/** Sets hidden scores to -∞, and notes which are not where some value may not be a number. */
@inline
function hide(scores: usize, h0: v128, h1: v128, bits: usize, column: i32): void {
  const least = f32x4.splat(-Infinity);
  const s0 = v128.load(scores), s1 = v128.load(scores, 16);
  v128.store(scores, v128.bitselect(least, s0, h0));
  v128.store(scores, v128.bitselect(least, s1, h1), 16);
  if (bits != 0) store<u8>(bits + (<usize>column >> 3), ~(i32x4.bitmask(h0) | (i32x4.bitmask(h1) << 4)));
}

/** The same of a query that a centre took, and the keys that it took. `shown` has a bit for each centre that took a key. */
function hideRouted(
  call: usize, line: usize, query: i32, keys: usize, low: i32, high: i32, shown: usize, step: usize, centre: i32, bits: usize,
): bool {
  const routed = Call.routed(call);
  const own = i32x4.splat(query);
  const causal = Call.causal(call);
  const takers = Routed.takers(routed) + (<usize>load<i32>(Routed.takerAt(routed) + (<usize>query << 2)) << 2);
  const isFirst = load<i32>(takers) >= centre;
  let all = i32x4.splat(-1);
  for (let column = low & ~7; column < high; column += 8) {
    const at: usize = <usize>column << 2;
    const isEdge = column < low || column + 8 > high;
    // Most queries are taken by one centre.
    if (isFirst && !causal && !isEdge && bits == 0) {
      all = i32x4.splat(0);
      continue;
    }
    let h0 = i32x4.splat(0), h1 = i32x4.splat(0);
    if (causal) {
      h0 = i32x4.gt_s(v128.load(keys + at), own);
      h1 = i32x4.gt_s(v128.load(keys + at, 16), own);
    }
    if (isEdge) {
      h0 = v128.or(h0, outside(column, low, high));
      h1 = v128.or(h1, outside(column + 4, low, high));
    }
    let taker = takers;
    for (let other = load<i32>(taker); other < centre; other = load<i32>(taker)) {
      const bit = i32x4.splat(1 << (other & 31));
      const words = shown + at + <usize>(other >> 5) * step;
      h0 = v128.or(h0, i32x4.eq(v128.and(v128.load(words), bit), bit));
      h1 = v128.or(h1, i32x4.eq(v128.and(v128.load(words, 16), bit), bit));
      taker += 4;
    }
    all = v128.and(all, v128.and(h0, h1));
    hide(line + at, h0, h1, bits, column);
  }
  return !i32x4.all_true(all);
}

/** Which of four columns from `column` on are not among `low … high-1`. */
@inline
function outside(column: i32, low: i32, high: i32): v128 {
  const columns = i32x4.add(i32x4.splat(column), i32x4(0, 1, 2, 3));
  return v128.or(i32x4.lt_s(columns, i32x4.splat(low)), i32x4.ge_s(columns, i32x4.splat(high)));
}

/**
 * Which of four keys are not attended where only keys of the query's bucket are: `shown` has the chunks of keys and then their buckets,
 * in each round before and in this one.
 */
@inline
function seenInBuckets(hashed: usize, length: i32, query: i32, shown: usize, step: usize, round: i32): v128 {
  let hidden = i32x4.splat(0);
  let own: usize = <usize>query << 2;
  for (let r = 0; r < round; r++) {
    const back = i32x4.sub(v128.load32_splat(Hashed.chunks(hashed) + own), v128.load(shown));
    const same = i32x4.eq(v128.load32_splat(Hashed.chosen(hashed) + own), v128.load(shown + step));
    hidden = v128.or(hidden, v128.and(same, i32x4.lt_u(back, i32x4.splat(2))));
    own += <usize>length << 2;
    shown += 2 * step;
  }
  return v128.or(hidden, i32x4.ne(v128.load32_splat(Hashed.chosen(hashed) + own), v128.load(shown + step)));
}
