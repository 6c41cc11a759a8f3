/**
 * The best of many scores, as they come: a heap whose root is the worst of those that are kept. Of equal scores the smaller index is
 * better; indexes come in ascending order. A score that is NaN counts as the least.
 */

/** Whether entry a of the heap is worse than entry b. */
@inline
function isWorse(scores: usize, list: usize, a: i32, b: i32): bool {
  const sa = load<f32>(scores + (<usize>a << 2)), sb = load<f32>(scores + (<usize>b << 2));
  return sa < sb || (sa == sb && load<i32>(list + (<usize>a << 2)) > load<i32>(list + (<usize>b << 2)));
}

@inline
function put(scores: usize, list: usize, at: i32, score: f32, index: i32): void {
  store<f32>(scores + (<usize>at << 2), score);
  store<i32>(list + (<usize>at << 2), index);
}

/** Puts one that is worse than its ancestors where it belongs. */
function rise(scores: usize, list: usize, at: i32, score: f32, index: i32): void {
  while (at > 0) {
    const above = (at - 1) >> 1;
    const s = load<f32>(scores + (<usize>above << 2)), i = load<i32>(list + (<usize>above << 2));
    if (s < score || (s == score && i > index)) break;
    put(scores, list, at, s, i);
    at = above;
  }
  put(scores, list, at, score, index);
}

/** Puts one in the place of the root, and the worst at the root. */
function sink(scores: usize, list: usize, count: i32, score: f32, index: i32): void {
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= count) break;
    if (below + 1 < count && isWorse(scores, list, below + 1, below)) below++;
    const s = load<f32>(scores + (<usize>below << 2)), i = load<i32>(list + (<usize>below << 2));
    if (score < s || (score == s && index > i)) break;
    put(scores, list, at, s, i);
    at = below;
  }
  put(scores, list, at, score, index);
}

/**
 * Takes in the scores of columns `from … to-1`, of which column 0 is at `columns` and has index `index`, among the `count` best so far;
 * keeps the `most` best. Returns how many there are then.
 */
export function takeBest(columns: usize, from: i32, to: i32, index: i32, scores: usize, list: usize, count: i32, most: i32): i32 {
  let c = from;
  for (; c < to && count < most; c++) {
    const score = load<f32>(columns + (<usize>c << 2));
    rise(scores, list, count++, score == score ? score : -Infinity, index + c);
  }
  if (most == 0) return 0;
  let least = load<f32>(scores);
  while (c < to) {
    if (c + 8 <= to) {
      const t = f32x4.splat(least);
      const at = columns + (<usize>c << 2);
      if (!v128.any_true(v128.or(f32x4.gt(v128.load(at, 0), t), f32x4.gt(v128.load(at, 16), t)))) {
        c += 8;
        continue;
      }
    }
    for (const end = min(to, c + 8); c < end; c++) {
      const score = load<f32>(columns + (<usize>c << 2));
      if (!(score > least)) continue;
      sink(scores, list, count, score, index + c);
      least = load<f32>(scores);
    }
  }
  return count;
}

/** Entries that are sorted one by one. */
const FEW = 24;

/** Sorts `count` integers of a list. */
export function sortList(list: usize, count: i32): void {
  if (count <= FEW) {
    insertAll(list, count);
    return;
  }
  for (let at = (count >> 1) - 1; at >= 0; at--) fall(list, at, count, load<i32>(list + (<usize>at << 2)));
  for (let end = count - 1; end > 0; end--) {
    const last = load<i32>(list + (<usize>end << 2));
    store<i32>(list + (<usize>end << 2), load<i32>(list));
    fall(list, 0, end, last);
  }
}

function insertAll(list: usize, count: i32): void {
  for (let n = 1; n < count; n++) {
    const one = load<i32>(list + (<usize>n << 2));
    let at = list + (<usize>n << 2);
    for (; at > list && load<i32>(at - 4) > one; at -= 4) store<i32>(at, load<i32>(at - 4));
    store<i32>(at, one);
  }
}

/** Puts one into the heap of the largest, from entry `at` down. */
function fall(list: usize, at: i32, count: i32, one: i32): void {
  for (;;) {
    let below = 2 * at + 1;
    if (below >= count) break;
    if (below + 1 < count && load<i32>(list + (<usize>below << 2), 4) > load<i32>(list + (<usize>below << 2))) below++;
    const larger = load<i32>(list + (<usize>below << 2));
    if (larger <= one) break;
    store<i32>(list + (<usize>at << 2), larger);
    at = below;
  }
  store<i32>(list + (<usize>at << 2), one);
}
