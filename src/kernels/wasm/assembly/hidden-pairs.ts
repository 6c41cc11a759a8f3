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
 * `group` is the round, or the centre; `shown` what the groups before show of the keys, rows `step` bytes apart. Says in the lane's
 * floors which rows attend any key, and in its bits which pairs are attended.
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
    const attended = Lane.attended(lane) + <usize>(first + r) * ATTENDED_ROW;
    let any: bool = false;
    for (let column = low & ~7; column < high; column += 8) {
      const at: usize = <usize>column << 2;
      let h0 = hiddenByTokens(call, query, keys + at), h1 = hiddenByTokens(call, query, keys + at + 16);
      if (column < low || column + 8 > high) {
        h0 = v128.or(h0, outside(column, low, high));
        h1 = v128.or(h1, outside(column + 4, low, high));
      }
      if (Call.hashed(call) != 0) {
        const hashed = Call.hashed(call);
        h0 = v128.or(h0, seenInRounds(hashed, Call.length(call), query, shown + at, step, group));
        h1 = v128.or(h1, seenInRounds(hashed, Call.length(call), query, shown + at + 16, step, group));
      } else {
        const routed = Call.routed(call);
        h0 = v128.or(h0, seenByCentres(routed, query, shown + at, step, group));
        h1 = v128.or(h1, seenByCentres(routed, query, shown + at + 16, step, group));
      }
      const line = scores + <usize>r * SCORE_ROW + at;
      v128.store(line, v128.bitselect(f32x4.splat(-Infinity), v128.load(line), h0), 0);
      v128.store(line, v128.bitselect(f32x4.splat(-Infinity), v128.load(line, 16), h1), 16);
      const bits = ~(i32x4.bitmask(h0) | (i32x4.bitmask(h1) << 4)) & 255;
      store<u8>(attended + (<usize>column >> 3), bits);
      if (bits != 0) any = true;
    }
    store<f32>(floor, any ? LEAST : -Infinity);
  }
}

/** The query's own token where keys are hashed queries, and later ones in a causal call. */
@inline
function hiddenByTokens(call: usize, query: i32, keys: usize): v128 {
  const own = i32x4.splat(query);
  const tokens = v128.load(keys);
  const later = Call.causal(call) ? i32x4.gt_s(tokens, own) : i32x4.splat(0);
  return Call.hashed(call) != 0 ? v128.or(later, i32x4.eq(tokens, own)) : later;
}

/** Which of four columns from `column` on are not among `low … high-1`. */
@inline
function outside(column: i32, low: i32, high: i32): v128 {
  const columns = i32x4.add(i32x4.splat(column), i32x4(0, 1, 2, 3));
  return v128.or(i32x4.lt_s(columns, i32x4.splat(low)), i32x4.ge_s(columns, i32x4.splat(high)));
}

/**
 * Which of four keys a round before has seen: there the query's chunk was that of the key, or the next. `shown` has the chunks of
 * keys in those rounds and, if only keys of the own bucket are attended, their buckets in those and this one.
 */
@inline
function seenInRounds(hashed: usize, length: i32, query: i32, shown: usize, step: usize, round: i32): v128 {
  let hidden = i32x4.splat(0);
  let own: usize = <usize>query << 2;
  const next: usize = <usize>length << 2;
  if (!Hashed.sameBucket(hashed)) {
    for (let r = 0; r < round; r++) {
      const back = i32x4.sub(v128.load32_splat(Hashed.chunks(hashed) + own), v128.load(shown));
      hidden = v128.or(hidden, i32x4.lt_u(back, i32x4.splat(2)));
      own += next;
      shown += step;
    }
    return hidden;
  }
  for (let r = 0; r < round; r++) {
    const back = i32x4.sub(v128.load32_splat(Hashed.chunks(hashed) + own), v128.load(shown));
    const same = i32x4.eq(v128.load32_splat(Hashed.chosen(hashed) + own), v128.load(shown + step));
    hidden = v128.or(hidden, v128.and(same, i32x4.lt_u(back, i32x4.splat(2))));
    own += next;
    shown += 2 * step;
  }
  return v128.or(hidden, i32x4.ne(v128.load32_splat(Hashed.chosen(hashed) + own), v128.load(shown + step)));
}

/** Which of four keys a centre before has taken that took the query as well. `shown` has a bit for each centre that took a key. */
@inline
function seenByCentres(routed: usize, query: i32, shown: usize, step: usize, centre: i32): v128 {
  let hidden = i32x4.splat(0);
  const from = load<i32>(Routed.takerAt(routed) + (<usize>query << 2));
  let at = Routed.takers(routed) + (<usize>from << 2);
  for (let other = load<i32>(at); other < centre; other = load<i32>(at)) {
    const bit = i32x4.splat(1 << (other & 31));
    hidden = v128.or(hidden, i32x4.ne(v128.and(v128.load(shown + <usize>(other >> 5) * step), bit), i32x4.splat(0)));
    at += 4;
  }
  return hidden;
}
