import { Call } from "./call";
import { PANEL_QUERIES, SCORE_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { tokenAt } from "./pack";

/**
 * What is added to scores: a number for each distance of a key's place from its query's. It is looked up by the distance, and
 * not computed from query and key apart: a slope times a key's own place loses the last digits of near keys far into a sequence.
 */

/** Finds where each of `rows` rows, which are entries of a list from `start` on, has the bias of a key at place 0. */
export function placeRows(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    const token = Call.firstQuery(call) + <i32>tokenAt(list, start + r);
    store<u32>(Lane.rowPlaces(lane) + (<usize>r << 2), <u32>(Call.bias(call) - placeOf(call, token)));
  }
}

/** 4 times the place of a token, which may be negative. */
@inline
export function placeOf(call: usize, token: i32): usize {
  const places = Call.places(call);
  return places == 0 ? <usize>token << 2 : <usize>load<i32>(places + (<usize>token << 2));
}

/** Whether keys of a list that follow one another are at distances that do: their biases lie side by side. */
@inline
export function isInOrder(call: usize, list: usize): bool { return list == 0 && Call.places(call) == 0; }

/**
 * Finds the places of columns `0 … high-1` of a tile, whose keys are entries of a list from `first` on, up to a multiple of 8.
 * Returns a bit for each eight columns: whether their places follow one another, as they do within a row of an image.
 */
export function placeColumns(call: usize, lane: usize, list: usize, first: i32, high: i32): u32 {
  let at = Lane.keyPlaces(lane);
  let place: usize = 0;
  for (let c = 0; c < high; c++) {
    place = placeOf(call, <i32>tokenAt(list, first + c));
    store<u32>(at, <u32>place);
    at += 4;
  }
  // Columns beyond the last key are never attended, but must not be looked up outside of the memory.
  for (const end = Lane.keyPlaces(lane) + (<usize>((high + 7) & ~7) << 2); at < end; at += 4) store<u32>(at, <u32>place);
  let together: u32 = 0;
  for (let eight = Lane.keyPlaces(lane), bit: u32 = 1; eight < at; eight += 32, bit <<= 1) {
    if (areTogether(eight) && areTogether(eight + 16) && load<u32>(eight, 16) == load<u32>(eight) + 16) together |= bit;
  }
  return together;
}

/** Whether four places follow one another. */
@inline
function areTogether(places: usize): bool {
  return i32x4.all_true(i32x4.eq(v128.load(places), i32x4.add(i32x4.splat(load<i32>(places)), i32x4(0, 4, 8, 12))));
}

/**
 * Adds to columns `from … to-1` of a panel of queries, which begins with row `first` of `rows`; multiples of 8. Column 0 is key
 * `origin`, if keys are in order; otherwise their places have been found, and which of them are `together`.
 */
export function addBias(
  lane: usize, scores: usize, first: i32, rows: i32, origin: i32, inOrder: bool, together: u32, from: i32, to: i32,
): void {
  const offset: usize = <usize>from << 2;
  let row = Lane.rowPlaces(lane) + (<usize>first << 2);
  for (const end = row + (<usize>min(PANEL_QUERIES, rows - first) << 2); row < end; row += 4) {
    const biases: usize = load<u32>(row);
    if (inOrder) addInOrder(scores + offset, biases + (<usize>origin << 2) + offset, to - from);
    else addByEights(scores + offset, Lane.keyPlaces(lane) + offset, together >> (from >> 3), to - from, biases);
    scores += SCORE_ROW;
  }
}

/** Adds biases at places, of which a bit for each eight says whether they are `together`; `count` is a multiple of 8. */
function addByEights(scores: usize, places: usize, together: u32, count: i32, biases: usize): void {
  for (const end = scores + (<usize>count << 2); scores < end; scores += 32) {
    if ((together & 1) != 0) {
      const from = biases + <usize>load<u32>(places);
      const a = f32x4.add(v128.load(scores, 0), v128.load(from, 0));
      const b = f32x4.add(v128.load(scores, 16), v128.load(from, 16));
      v128.store(scores, a, 0);
      v128.store(scores, b, 16);
    } else {
      addFour(scores, places, biases);
      addFour(scores + 16, places + 16, biases);
    }
    places += 32;
    together >>= 1;
  }
}

/** Adds four biases from anywhere. */
@inline
function addFour(scores: usize, places: usize, biases: usize): void {
  let added = v128.load32_zero(biases + <usize>load<u32>(places));
  added = v128.load32_lane(biases + <usize>load<u32>(places, 4), added, 1);
  added = v128.load32_lane(biases + <usize>load<u32>(places, 8), added, 2);
  added = v128.load32_lane(biases + <usize>load<u32>(places, 12), added, 3);
  v128.store(scores, f32x4.add(v128.load(scores), added));
}

/** Adds biases that lie side by side; `count` is a multiple of 8. */
function addInOrder(scores: usize, biases: usize, count: i32): void {
  for (const end = scores + (<usize>count << 2); scores < end; scores += 32) {
    const a = f32x4.add(v128.load(scores, 0), v128.load(biases, 0));
    const b = f32x4.add(v128.load(scores, 16), v128.load(biases, 16));
    v128.store(scores, a, 0);
    v128.store(scores, b, 16);
    biases += 32;
  }
}

/** Adds to `count` scores what `biases` has at the places of their keys, which are `step` bytes apart. */
export function addPlaced(scores: usize, places: usize, step: usize, count: i32, biases: usize): void {
  let left = count;
  for (; step == 4 && left >= 4; left -= 4) {
    if (areTogether(places)) v128.store(scores, f32x4.add(v128.load(scores), v128.load(biases + <usize>load<u32>(places))));
    else addFour(scores, places, biases);
    scores += 16;
    places += 16;
  }
  for (; left > 0; left--) {
    store<f32>(scores, load<f32>(scores) + load<f32>(biases + <usize>load<u32>(places)));
    scores += 4;
    places += step;
  }
}

/** Adds to `count` scores what `biases` has at the places of the tokens of a list. */
export function addListed(call: usize, scores: usize, list: usize, count: i32, biases: usize): void {
  for (const end = scores + (<usize>count << 2); scores < end; scores += 4) {
    store<f32>(scores, load<f32>(scores) + load<f32>(biases + placeOf(call, load<i32>(list))));
    list += 4;
  }
}
