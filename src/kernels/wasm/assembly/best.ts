import { BEST_BEFORE, BEST_LEAST } from "./generated/layout";

/**
 * The best of many scores, as they come, in ascending order of their indexes. What may be among them is put into a row of some room:
 * everything at first, and once that was full what is above a bound. When the room is full, the best are kept, and the bound is raised.
 * Of equal scores the smaller index is better; a score that is NaN counts as the least.
 *
 * A row is how many scores it holds, the bound, and whether there is one; then the scores; and then their indexes.
 */

/** How many scores a row has room for. Vectors may be written at its end. */
@inline
function roomFor(most: i32): i32 { return (most + max(most, BEST_LEAST) + 7) & ~7; }

/** Bytes of a row. */
@inline
export function rowBytesFor(most: i32): usize { return <usize>(BEST_BEFORE + 2 * (roomFor(most) + 8)) << 2; }

@inline
function scoresOf(row: usize): usize { return row + (<usize>BEST_BEFORE << 2); }
@inline
function listOf(row: usize, most: i32): usize { return scoresOf(row) + (<usize>(roomFor(most) + 8) << 2); }

/** Begins a row. */
@inline
export function clearBest(row: usize): void {
  store<i32>(row, 0, 0);
  store<i32>(row, 0, 8);
}

/** Takes in the scores of columns `from … to-1`, of which column 0 is at `columns` and has index `index`, for the best `most`. */
export function takeBest(columns: usize, from: i32, to: i32, index: i32, row: usize, most: i32): void {
  if (most == 0 || from >= to) return;
  let column = from;
  if (load<i32>(row, 8) == 0) {
    const count = load<i32>(row);
    const many = min(to - from, roomFor(most) - count);
    appendAll(columns + (<usize>from << 2), many, index + from, scoresOf(row) + (<usize>count << 2), listOf(row, most) + (<usize>count << 2));
    store<i32>(row, count + many);
    column += many;
    if (column < to) keepBest(row, most);
  }
  if (column < to) appendAbove(columns, column, to, index, row, most);
}

/** Appends `many` scores. May write up to three numbers more. */
function appendAll(from: usize, many: i32, index: i32, scores: usize, list: usize): void {
  const least = f32x4.splat(-Infinity);
  let indexes = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  for (let n = 0; n < many; n += 4) {
    const s = v128.load(from);
    v128.store(scores, v128.bitselect(s, least, f32x4.eq(s, s)));
    v128.store(list, indexes);
    indexes = i32x4.add(indexes, i32x4.splat(4));
    from += 16;
    scores += 16;
    list += 16;
  }
}

/** Appends the scores that are above the bound. */
function appendAbove(columns: usize, from: i32, to: i32, index: i32, row: usize, most: i32): void {
  const scores = scoresOf(row), list = listOf(row, most);
  const room = roomFor(most);
  let count = load<i32>(row);
  let bound = load<f32>(row, 4);
  for (let column = from; column < to; column += 8) {
    const at = columns + (<usize>column << 2);
    const t = f32x4.splat(bound);
    const a = f32x4.gt(v128.load(at, 0), t), b = f32x4.gt(v128.load(at, 16), t);
    if (!v128.any_true(v128.or(a, b))) continue;
    let above = i32x4.bitmask(a) | (i32x4.bitmask(b) << 4);
    if (to - column < 8) above &= (1 << (to - column)) - 1;
    if (count + 8 > room) {
      store<i32>(row, count);
      keepBest(row, most);
      count = load<i32>(row);
      bound = load<f32>(row, 4);
    }
    for (; above != 0; above &= above - 1, count++) {
      const lane = ctz(above);
      store<f32>(scores + (<usize>count << 2), load<f32>(at + (<usize>lane << 2)));
      store<i32>(list + (<usize>count << 2), index + column + lane);
    }
  }
  store<i32>(row, count);
}

/** Writes the indexes of the best to a list, ascending, and returns how many they are. */
export function finishBest(row: usize, most: i32, list: usize): i32 {
  if (load<i32>(row) > most) keepBest(row, most);
  const count = load<i32>(row);
  memory.copy(list, listOf(row, most), <usize>count << 2);
  return count;
}

/** Keeps the best `most` of more, and sets the bound: what is not above it is none of them. */
function keepBest(row: usize, most: i32): void {
  const scores = scoresOf(row), list = listOf(row, most);
  const count = load<i32>(row);
  for (let n = count; n % 8 != 0; n++) store<f32>(scores + (<usize>n << 2), -Infinity);
  const end = scores + (<usize>((count + 7) & ~7) << 2);
  // Between `low`, above which are more than `most`, and `high`, above which are fewer.
  let low = leastAbove(scores, end, -Infinity), high = mostBelow(scores, end, Infinity);
  let bound: f32 = -Infinity;
  let above = countAbove(scores, end, -Infinity);
  if (above > most) {
    above = countAbove(scores, end, low);
    if (above < most) {
      high = low;
      low = -Infinity;
    }
    bound = low;
    while (above != most) {
      bound = low * 0.5 + high * 0.5;
      if (!(bound > low && bound < high)) break;
      above = countAbove(scores, end, bound);
      if (above > most) low = bound;
      else high = bound;
    }
    // Nothing lies between: those that are equal are what is left.
    if (above != most) {
      bound = high;
      above = countAbove(scores, end, bound);
      if (above > most) {
        bound = Infinity;
        above = countAbove(scores, end, bound);
      }
    }
  }
  keepAbove(scores, list, count, bound, most - above);
  store<i32>(row, most);
  store<f32>(row, bound, 4);
  store<i32>(row, 1, 8);
}

/** How many scores are above a bound. */
function countAbove(scores: usize, end: usize, bound: f32): i32 {
  const t = f32x4.splat(bound);
  let a = i32x4.splat(0), b = i32x4.splat(0);
  for (let p = scores; p < end; p += 32) {
    a = i32x4.sub(a, f32x4.gt(v128.load(p, 0), t));
    b = i32x4.sub(b, f32x4.gt(v128.load(p, 16), t));
  }
  const sums = i32x4.add(a, b);
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}

/** The least score above a bound; infinity if there is none. */
function leastAbove(scores: usize, end: usize, bound: f32): f32 {
  const t = f32x4.splat(bound);
  const none = f32x4.splat(Infinity);
  let least = none;
  for (let p = scores; p < end; p += 16) {
    const s = v128.load(p);
    least = f32x4.pmin(least, v128.bitselect(s, none, f32x4.gt(s, t)));
  }
  return min(min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)), min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)));
}

/** The largest score below a bound; less than all if there is none. */
function mostBelow(scores: usize, end: usize, bound: f32): f32 {
  const t = f32x4.splat(bound);
  const none = f32x4.splat(-Infinity);
  let most = none;
  for (let p = scores; p < end; p += 16) {
    const s = v128.load(p);
    most = f32x4.pmax(most, v128.bitselect(s, none, f32x4.lt(s, t)));
  }
  return max(max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
}

/** Moves to the front what is above a bound, and the first `equal` that are the next best. */
function keepAbove(scores: usize, list: usize, count: i32, bound: f32, equal: i32): void {
  let kept = 0;
  for (let n = 0; n < count; n += 8) {
    const t = f32x4.splat(bound);
    const at = scores + (<usize>n << 2);
    const s = v128.load(at, 0), r = v128.load(at, 16);
    let keep = i32x4.bitmask(f32x4.gt(s, t)) | (i32x4.bitmask(f32x4.gt(r, t)) << 4);
    if (equal > 0) {
      let same = i32x4.bitmask(f32x4.eq(s, t)) | (i32x4.bitmask(f32x4.eq(r, t)) << 4);
      if (count - n < 8) same &= (1 << (count - n)) - 1;
      for (; same != 0 && equal > 0; same &= same - 1, equal--) keep |= same & -same;
    }
    for (; keep != 0; keep &= keep - 1, kept++) {
      const from: usize = <usize>(n + ctz(keep)) << 2;
      store<f32>(scores + (<usize>kept << 2), load<f32>(scores + from));
      store<i32>(list + (<usize>kept << 2), load<i32>(list + from));
    }
  }
}
