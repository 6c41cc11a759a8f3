import { clearRow, endedKeys } from "../../attend";
import { fetchQueries } from "../../attend-tile";
import { COLUMNS, GRADIENT_ROWS, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW, SHORT_PANEL } from "../../generated/layout";
import { addKeysTile, addScoresTile, addValuesTile, multiplyAdd, scoresTile } from "../../generated/micro";
import { Lane } from "../../lane";
import { addAttendedValues } from "../../mask";
import { Matrix } from "../../matrix";
import { copyRows } from "../../pack";
import { Step } from "../../step";
import { add, clear } from "../keys";
import { hideUnweighed, slopesOf, weighRowsBack } from "./weigh";

/** One tile of cross attention on the way back: scores and dout·vᵀ, and what they add to dq, dk and dv. */

/** Bytes of a row of what is summed for dq and dk: the channels of a score, with that of a bias behind them. */
@inline
export function keyRowBytes(step: usize): usize {
  return <usize>((Step.channels(step) + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS) << 2;
}

/** What comes to the rows of a group from the results that values `index` make: rows `QUERY_ROW` bytes apart. */
@inline
function douts(lane: usize, index: i32): usize { return Lane.douts(lane) + <usize>(index * GRADIENT_ROWS) * QUERY_ROW; }

/** Brings rows `first … first + rows - 1` into the lane: queries, what comes to them, and what their weights are made with. */
export function openRows(step: usize, lane: usize, first: i32, rows: i32): void {
  fetchQueries(step, lane, first, rows);
  for (let n = 0; Step.values(step, n) != 0; n++) {
    const along = Step.along(step, n);
    copyRows(Matrix.row(along, first), Matrix.rowBytes(along), rows, <usize>Matrix.columns(along) << 2, douts(lane, n), QUERY_ROW);
  }
  for (let r = 0; r < rows; r++) {
    const at: usize = <usize>r << 2;
    const sums = Step.sums(step) + (<usize>(first + r) << 3);
    store<f32>(Lane.maximum(lane) + at, load<f32>(sums, 0) / unitOf(step));
    store<f32>(Lane.total(lane) + at, load<f32>(sums, 4));
  }
  memory.fill(Lane.pairSums(lane), 0, <usize>rows << 4);
}

/** What scores of the lane are multiplied by on the way to powers of 2: those by unit vectors are numbers as they are, the others have it. */
@inline
function unitOf(step: usize): f32 { return Step.of(step) == 0 || Step.by(step) == 0 ? Step.factor(step) : 1; }

/** Channels whose products are summed one after the other: longer sums lose digits of scores that are far from 0. */
const CHANNELS_SUMMED: i32 = 16;

/** Scores of the rows in the lane and `columns` keys from `key` on, packed at `packed`. */
function scoreKeys(step: usize, lane: usize, first: i32, rows: i32, packed: usize, key: i32, columns: i32, to: usize): void {
  if (Step.by(step) == 0) {
    copyRows(Lane.queries(lane) + (<usize>key << 2), QUERY_ROW, rows, <usize>columns << 2, to, SCORE_ROW);
    return;
  }
  const channels = Step.channels(step);
  for (let column = 0; column < columns; column += PANEL_KEYS) {
    const scores = to + (<usize>column << 2);
    if (Step.of(step) == 0) {
      const bytes: usize = PANEL_KEYS << 2;
      copyRows(packed + <usize>first * bytes, bytes, rows, bytes, scores, SCORE_ROW);
    } else {
      for (let r = 0; r < rows; r += PANEL_QUERIES) scorePanel(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, packed, channels, scores + <usize>r * SCORE_ROW);
    }
    packed += <usize>(channels * PANEL_KEYS) << 2;
  }
}

@inline
function scorePanel(rows: i32, queries: usize, keys: usize, channels: i32, to: usize): void {
  scoresTile(rows, queries, keys, PANEL_KEYS << 2, to, SCORE_ROW, min(CHANNELS_SUMMED, channels));
  for (let c = CHANNELS_SUMMED; c < channels; c += CHANNELS_SUMMED) {
    const count = min(CHANNELS_SUMMED, channels - c);
    addScoresTile(rows, queries + (<usize>c << 2), keys + (<usize>(c * PANEL_KEYS) << 2), PANEL_KEYS << 2, to, SCORE_ROW, count);
  }
}

/** What comes to the log-sums of a row, with its sign in the row's mean. */
@inline
export function ofLogSum(step: usize, row: i32): f32 {
  const logs = Step.logAlong(step);
  return logs == 0 ? 0 : Step.logSign(step) * load<f32>(Matrix.row(logs, row));
}

/** Where packed values lie: all of them by their index, or, of a tile by itself, one after another in the lane. */
export function packedAt(step: usize, lane: usize, index: i32, key: i32, gathers: bool): usize {
  if (!gathers) return Step.packedValues(step, index) + <usize>key * (<usize>Matrix.columns(Step.values(step, index)) << 2);
  let at = Lane.classValues(lane);
  for (let n = 0; n < index; n++) at += <usize>(COLUMNS * Matrix.columns(Step.values(step, n))) << 2;
  return at;
}

/** Where sums of keys are, of `rows` keys: those of dk, and behind them those of each of the values. */
export function valueSumsAt(step: usize, sums: usize, rows: i32, index: i32): usize {
  let at = sums + <usize>rows * keyRowBytes(step);
  for (let n = 0; n < index; n++) at += <usize>rows * (<usize>Matrix.width(Step.values(step, n)) << 2);
  return at;
}

/**
 * Weights of the rows in the lane, of which the first is `first`, over `count` keys from `key` on, packed at `packed`, and products of what
 * comes to the rows with values: from `scores` and `products` on.
 */
export function openTile(
  step: usize, lane: usize, first: i32, rows: i32, packed: usize, key: i32, count: i32, gathers: bool, scores: usize, products: usize,
): void {
  scoreKeys(step, lane, first, rows, packed, key, count, scores);
  multiplyDouts(step, lane, rows, key, count, gathers, products);
  weighRowsBack(lane, rows, scores, (count + 7) & ~7, unitOf(step));
}

/**
 * Adds what an open tile brings: to dq of the rows at `output`, and to the sums of keys at `sums`, `sumRows` of each kind, in which the
 * tile's first key is row `sumAt`.
 */
export function addTile(
  step: usize, lane: usize, first: i32, rows: i32, key: i32, count: i32, scores: usize, products: usize,
  output: usize, sums: usize, sumRows: i32, sumAt: i32,
): void {
  slopesOf(Lane.means(lane), rows, scores, products, (count + 7) & ~7);
  if (Step.by(step) == 0) copyRows(products, SCORE_ROW, rows, <usize>count << 2, output + (<usize>key << 2), keyRowBytes(step));
  else {
    addToQueries(step, rows, key, count, products, output);
    const bytes = keyRowBytes(step);
    const to = sums + <usize>sumAt * bytes;
    if (Step.of(step) == 0) addTransposed(rows, count, products, to + (<usize>first << 2), bytes);
    else addToKeys(lane, rows, count, products, Lane.queries(lane), to, bytes);
  }
  for (let n = 0; Step.values(step, n) != 0; n++) {
    const bytes: usize = <usize>Matrix.width(Step.values(step, n)) << 2;
    addToKeys(lane, rows, count, scores, douts(lane, n), valueSumsAt(step, sums, sumRows, n) + <usize>sumAt * bytes, bytes);
  }
}

/** `Σ_n dout_n · v_nᵀ` of a tile. */
function multiplyDouts(step: usize, lane: usize, rows: i32, key: i32, count: i32, gathers: bool, products: usize): void {
  if (Step.values(step, 0) == 0) {
    for (let r = 0; r < rows; r++) memory.fill(products + <usize>r * SCORE_ROW, 0, SCORE_ROW);
    return;
  }
  for (let n = 0; Step.values(step, n) != 0; n++) {
    const inner = Matrix.columns(Step.values(step, n));
    let packed = packedAt(step, lane, n, key, gathers);
    for (let column = 0; column < count; column += PANEL_KEYS) {
      for (let r = 0; r < rows; r += PANEL_QUERIES) {
        const to = products + <usize>r * SCORE_ROW + (<usize>column << 2);
        const from = douts(lane, n) + <usize>r * QUERY_ROW;
        if (n == 0) scoresTile(rows - r, from, packed, PANEL_KEYS << 2, to, SCORE_ROW, inner);
        else addScoresTile(rows - r, from, packed, PANEL_KEYS << 2, to, SCORE_ROW, inner);
      }
      packed += <usize>(inner * PANEL_KEYS) << 2;
    }
  }
}

/** Adds the gradients of scores times keys. */
function addToQueries(step: usize, rows: i32, key: i32, count: i32, products: usize, output: usize): void {
  if (Step.of(step) == 0) return;
  const keys = Step.by(step);
  const from = Matrix.row(keys, key);
  const bytes = keyRowBytes(step);
  for (let i: usize = 0; i < <usize>Matrix.width(keys) << 2; i += PANEL_KEYS << 2) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const to = output + <usize>r * bytes + i;
      addValuesTile(rows - r, products + <usize>r * SCORE_ROW, from + i, Matrix.rowBytes(keys), to, bytes, count);
    }
  }
}

/** Adds what rows bring to keys, a panel of keys at a time: factors times rows of the lane. */
function addToKeys(lane: usize, rows: i32, count: i32, factors: usize, from: usize, to: usize, bytes: usize): void {
  for (let column = 0; column < count; column += PANEL_QUERIES) {
    const here = min(PANEL_QUERIES, count - column);
    const own = factors + (<usize>column << 2);
    const at = to + <usize>column * bytes;
    if (here == PANEL_QUERIES || here == SHORT_PANEL) {
      for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) addKeysTile(here, own, from + i, QUERY_ROW, at + i, bytes, rows);
      continue;
    }
    // The micro-kernel writes sums of a whole panel of keys.
    const sums = Lane.keySums(lane);
    clear(sums, bytes * PANEL_QUERIES);
    for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) addKeysTile(here, own, from + i, QUERY_ROW, sums + i, bytes, rows);
    add(sums, <usize>here * bytes, at);
  }
}

/** Where queries are the unit vectors, adds the gradients of scores to channels of keys. */
function addTransposed(rows: i32, count: i32, products: usize, to: usize, bytes: usize): void {
  for (let r = 0; r < rows; r += 4) {
    const from = products + <usize>r * SCORE_ROW;
    const at = to + (<usize>r << 2);
    for (let key = 0; key < count; key += 4) {
      const p = from + (<usize>key << 2);
      const a = v128.load(p), b = v128.load(p + SCORE_ROW), c = v128.load(p + 2 * SCORE_ROW), e = v128.load(p + 3 * SCORE_ROW);
      const t0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), t1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const t2 = v128.shuffle<f32>(c, e, 0, 4, 1, 5), t3 = v128.shuffle<f32>(c, e, 2, 6, 3, 7);
      const row = at + <usize>key * bytes;
      addFour(row, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
      if (key + 1 < count) addFour(row + bytes, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
      if (key + 2 < count) addFour(row + 2 * bytes, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
      if (key + 3 < count) addFour(row + 3 * bytes, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
    }
  }
}

@inline
function addFour(to: usize, four: v128): void { v128.store(to, f32x4.add(v128.load(to), four)); }

/** The first column of a tile of the keys beyond `common` that only later rows of a group attend, and how many columns it has. */
@inline
export function endedLow(common: i32): i32 { return common % PANEL_KEYS; }
@inline
export function endedColumns(step: usize, last: i32, common: i32): i32 { return endedKeys(step, last) - common + endedLow(common); }

/** The same of these keys: what a row does not attend has no weight, and no product. */
export function openEnded(step: usize, lane: usize, first: i32, rows: i32, common: i32, scores: usize, products: usize): void {
  const low = endedLow(common);
  const start = common - low;
  const columns = endedColumns(step, first + rows - 1, common);
  const padded = (columns + 7) & ~7;
  scoreKeys(step, lane, first, rows, Step.packed(step) + <usize>start * (<usize>Step.channels(step) << 2), start, columns, scores);
  multiplyDouts(step, lane, rows, start, columns, false, products);
  for (let r = 0; r < rows; r++) clearRow(scores + <usize>r * SCORE_ROW, low, endedKeys(step, first + r) - start, padded);
  weighRowsBack(lane, rows, scores, padded, 1);
  hideUnweighed(rows, scores, products, padded);
}

/** Adds what such a tile brings, of attended pairs alone: where a number is not finite, even a weight of 0 would spread it. */
export function addEnded(
  step: usize, lane: usize, first: i32, rows: i32, common: i32, scores: usize, products: usize, output: usize, sums: usize, sumRows: i32,
): void {
  const low = endedLow(common);
  const start = common - low;
  const columns = endedColumns(step, first + rows - 1, common);
  const padded = (columns + 7) & ~7;
  slopesOf(Lane.means(lane), rows, scores, products, padded);
  const keys = Step.by(step);
  const ofKeys = keyRowBytes(step);
  const width: usize = <usize>Matrix.width(keys) << 2;
  for (let r = 0; r < rows; r++) {
    const factors = products + <usize>r * SCORE_ROW + (<usize>low << 2);
    const count = endedKeys(step, first + r) - common;
    addAttendedValues(factors, 0, 0, count, Matrix.row(keys, common), Matrix.rowBytes(keys), output + <usize>r * ofKeys, width);
  }
  let from = 0;
  for (let c = low; c < columns; c++) {
    const key = start + c;
    while (endedKeys(step, first + from) <= key) from++;
    const at: usize = <usize>c << 2;
    addToKey(from, rows, products + at, Lane.queries(lane), sums + <usize>key * ofKeys, ofKeys);
    for (let n = 0; Step.values(step, n) != 0; n++) {
      const bytes: usize = <usize>Matrix.width(Step.values(step, n)) << 2;
      addToKey(from, rows, scores + at, douts(lane, n), valueSumsAt(step, sums, sumRows, n) + <usize>key * bytes, bytes);
    }
  }
}

/** Adds what rows `from … to-1` bring to one key. */
function addToKey(from: i32, to: i32, factors: usize, rows: usize, sum: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    let own = f32x4.splat(0);
    for (let r = from; r < to; r++) {
      own = multiplyAdd(v128.load32_splat(factors + <usize>r * SCORE_ROW), v128.load(rows + <usize>r * QUERY_ROW + i), own);
    }
    v128.store(sum + i, f32x4.add(v128.load(sum + i), own));
  }
}
