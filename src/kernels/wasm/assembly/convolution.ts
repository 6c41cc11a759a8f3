import { Call } from "./call";
import { convolveDepthwise, depthwiseRow } from "./depthwise";
import {
  CONVOLUTION_pack, CONVOLUTION_packMore, FORM_depthwise, FORM_network, ITEM_BYTES, MOST_TAPS, PANEL_KEYS, PANEL_QUERIES, QUERIES,
  QUERY_ROW,
} from "./generated/layout";
import { moreWindowTile, multiplyAdd, scoresTile, windowTile } from "./generated/micro";
import { convolveByFilters, packFilters } from "./filters";
import { Lane } from "./lane";
import { copyRow } from "./pack";
import { writeScaled } from "./rows";

/**
 * Convolutions of one head, and networks over a window: the items `from … to`, which threads share out. Weights are packed
 * first, column by column of panels, since they may differ from call to call; then rows.
 */
export function runConvolutionItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const end = load<i32>(item, 8);
    if (kind == CONVOLUTION_pack) {
      packColumns(Call.weights(call), Call.taps(call) * Call.valueDim(call), Call.valueDim(call), first, Call.packed(call));
      if (Call.filterCount(call) > 0) packFilters(call, first);
    }
    else if (kind == CONVOLUTION_packMore) packColumns(Call.moreWeights(call), Call.valueDim(call), Call.valueDim(call), first, Call.morePacked(call));
    else if (Call.form(call) == FORM_depthwise) convolveDepthwise(call, first, end);
    else if (Call.imageWidth(call) > 0) pixels(call, lane, first, end);
    else rows(call, lane, first, end);
  }
}

/** Rows `first … end - 1`, by filters as far as they go. */
function rows(call: usize, lane: usize, first: i32, end: i32): void {
  let row = first;
  if (Call.filterCount(call) > 0 && Call.finite(call)) {
    const phases = Call.phases(call);
    for (;;) {
      let units = min(QUERIES, (end - row) / phases);
      units -= units % PANEL_QUERIES;
      if (units == 0) break;
      if (!convolveByFilters(call, lane, row, units)) {
        for (let r = 0; r < units * phases; r += QUERIES) convolve(call, lane, row + r, min(QUERIES, units * phases - r));
      }
      row += units * phases;
    }
  }
  for (; row < end; row += QUERIES) convolve(call, lane, row, min(QUERIES, end - row));
}

/** Pixels `first … end - 1`, some of each row of the image at a time. */
function pixels(call: usize, lane: usize, first: i32, end: i32): void {
  const width = Call.imageWidth(call);
  while (first < end) {
    const here = min(min(QUERIES, end - first), width - first % width);
    convolve(call, lane, first, here);
    first += here;
  }
}

/** The columns of one panel of a matrix `[rows, d]`. What the panel has beyond them is whatever follows. */
function packColumns(matrix: usize, rows: i32, d: i32, panel: i32, packed: usize): void {
  let from: usize = matrix + (<usize>(panel * PANEL_KEYS) << 2);
  let to: usize = packed + (<usize>panel * <usize>rows * (PANEL_KEYS << 2));
  for (let r = 0; r < rows; r++) {
    copyRow(from, PANEL_KEYS << 2, to);
    from += <usize>d << 2;
    to += PANEL_KEYS << 2;
  }
}

/** Rows `first … first + rows - 1`, at most as many as a tile has. */
function convolve(call: usize, lane: usize, first: i32, rows: i32): void {
  const d = Call.valueDim(call);
  const out = Call.out(call) + (<usize>first * <usize>d << 2);
  const panelled = d % PANEL_KEYS == 0 && rows % PANEL_QUERIES == 0;
  const outStep: usize = panelled ? <usize>d << 2 : <usize>Call.width(call) << 2;
  const target = panelled ? out : Lane.output(lane);
  if (Call.form(call) == FORM_network) {
    windows(call, lane, first, rows, Lane.features(lane), QUERY_ROW);
    rectify(Lane.features(lane), rows, d);
    product(Lane.features(lane), rows, Call.morePacked(call), d, target, outStep);
  } else if (Call.imageWidth(call) > 0) squares(call, lane, first, rows, target, outStep);
  else windows(call, lane, first, rows, target, outStep);
  if (panelled) return;
  for (let r = 0; r < rows; r++) writeScaled(target + <usize>r * outStep, d, 1, out + (<usize>(r * d) << 2));
}

/** What the first layer makes of the windows of some rows, some taps at a time. */
function windows(call: usize, lane: usize, first: i32, rows: i32, to: usize, toStep: usize): void {
  const taps = Call.taps(call);
  for (let t = 0; t < taps; t += MOST_TAPS) {
    const here = min(MOST_TAPS, taps - t);
    bringIn(call, first + t - Call.tapsBefore(call), rows + here - 1, Lane.queries(lane));
    addTaps(call, lane, t, here, rows, to, toStep);
  }
}

/** The same of the square windows of some pixels of one row of an image: row by row of the window. */
function squares(call: usize, lane: usize, first: i32, rows: i32, to: usize, toStep: usize): void {
  const width = Call.imageWidth(call);
  const side = Call.imageSide(call);
  const line = first / width - side / 2;
  const column = first % width - side / 2;
  for (let down = 0; down < side; down++) {
    for (let t = 0; t < side; t += MOST_TAPS) {
      const here = min(MOST_TAPS, side - t);
      bringInPixels(call, line + down, column + t, rows + here - 1, Lane.queries(lane));
      addTaps(call, lane, down * side + t, here, rows, to, toStep);
    }
  }
}

/** Adds what taps `first … first + count - 1` make of the tokens of a lane, of which each row's begin one after the other's. */
function addTaps(call: usize, lane: usize, first: i32, count: i32, rows: i32, to: usize, toStep: usize): void {
  const d = Call.valueDim(call);
  const tapBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  const panelBytes: usize = <usize>Call.taps(call) * tapBytes;
  let panel = Call.packed(call) + <usize>first * tapBytes;
  for (let c = 0; c < d; c += PANEL_KEYS) {
    const columns = to + (<usize>c << 2);
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const tokens = Lane.queries(lane) + <usize>r * QUERY_ROW;
      const tile = columns + <usize>r * toStep;
      if (first == 0) windowTile(rows - r, tokens, panel, PANEL_KEYS << 2, tile, toStep, d, count);
      else moreWindowTile(rows - r, tokens, panel, PANEL_KEYS << 2, tile, toStep, d, count);
    }
    panel += panelBytes;
  }
}

/** Copies the values of tokens `first … first + count - 1` into rows `QUERY_ROW` bytes apart, zeros outside the sequence. */
function bringIn(call: usize, first: i32, count: i32, to: usize): void {
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  const length = Call.length(call);
  for (let r = 0; r < count; r++) {
    const token = first + r;
    if (token < 0 || token >= length) memory.fill(to, 0, bytes);
    else copyRow(Call.v(call) + <usize>token * bytes, bytes, to);
    to += QUERY_ROW;
  }
}

/** The same of pixels `column … column + count - 1` of a row of an image: outside of it zeros, or the nearest pixel. */
function bringInPixels(call: usize, line: i32, column: i32, count: i32, to: usize): void {
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  const width = Call.imageWidth(call);
  const height = Call.length(call) / width;
  const nearest = Call.imageNearest(call);
  const lineOf = max(0, min(height - 1, line));
  const from = Call.v(call) + <usize>(lineOf * width) * bytes;
  for (let c = column; c < column + count; c++) {
    const pixel = max(0, min(width - 1, c));
    if (nearest || (lineOf == line && pixel == c)) copyRow(from + <usize>pixel * bytes, bytes, to);
    else memory.fill(to, 0, bytes);
    to += QUERY_ROW;
  }
}

/** Rows of d numbers, `QUERY_ROW` bytes apart, times a packed matrix `[d, d]`. */
function product(rows: usize, count: i32, packed: usize, d: i32, to: usize, toStep: usize): void {
  for (let c = 0; c < d; c += PANEL_KEYS) {
    for (let r = 0; r < count; r += PANEL_QUERIES) {
      scoresTile(count - r, rows + <usize>r * QUERY_ROW, packed, PANEL_KEYS << 2, to + <usize>r * toStep + (<usize>c << 2), toStep, d);
    }
    packed += <usize>(d * PANEL_KEYS) << 2;
  }
}

/** No less than 0; what is not a number remains so. May go up to 28 bytes beyond a row. */
function rectify(rows: usize, count: i32, d: i32): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < <usize>d << 2; i += 32) {
      v128.store(rows + i, f32x4.pmax(v128.load(rows + i, 0), zero), 0);
      v128.store(rows + i, f32x4.pmax(v128.load(rows + i, 16), zero), 16);
    }
    rows += QUERY_ROW;
  }
}

/** One row: `window` is `[taps, d]`, and `hidden` has room for d numbers and a vector more. */
export function convolveRow(form: i32, window: usize, taps: i32, d: i32, first: usize, second: usize, hidden: usize, out: usize): void {
  if (form == FORM_depthwise) {
    depthwiseRow(window, first, taps, d, out);
    return;
  }
  rowTimes(window, taps * d, first, d, form == FORM_network ? hidden : out);
  if (form != FORM_network) return;
  rectify(hidden, 1, d);
  rowTimes(hidden, d, second, d, out);
}

/** `to = x·W`, x `[rows]`, W `[rows, d]`. */
function rowTimes(x: usize, rows: i32, matrix: usize, d: i32, to: usize): void {
  const step: usize = <usize>d << 2;
  let c = 0;
  for (; c + 32 <= d; c += 32) {
    columns32(x, rows, matrix + (<usize>c << 2), step, to + (<usize>c << 2));
  }
  for (; c + 8 <= d; c += 8) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    let row = matrix + (<usize>c << 2);
    for (let i: usize = 0; i < <usize>rows << 2; i += 4) {
      const factor = v128.load32_splat(x + i);
      a = multiplyAdd(factor, v128.load(row, 0), a);
      b = multiplyAdd(factor, v128.load(row, 16), b);
      row += step;
    }
    v128.store(to + (<usize>c << 2), a, 0);
    v128.store(to + (<usize>c << 2), b, 16);
  }
  for (; c < d; c++) {
    let sum: f32 = 0;
    let at = matrix + (<usize>c << 2);
    for (let i: usize = 0; i < <usize>rows << 2; i += 4) {
      sum += load<f32>(x + i) * load<f32>(at);
      at += step;
    }
    store<f32>(to + (<usize>c << 2), sum);
  }
}

function columns32(x: usize, rows: i32, row: usize, step: usize, to: usize): void {
  let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), e = f32x4.splat(0);
  let f = f32x4.splat(0), g = f32x4.splat(0), h = f32x4.splat(0), k = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>rows << 2; i += 4) {
    const factor = v128.load32_splat(x + i);
    a = multiplyAdd(factor, v128.load(row, 0), a);
    b = multiplyAdd(factor, v128.load(row, 16), b);
    c = multiplyAdd(factor, v128.load(row, 32), c);
    e = multiplyAdd(factor, v128.load(row, 48), e);
    f = multiplyAdd(factor, v128.load(row, 64), f);
    g = multiplyAdd(factor, v128.load(row, 80), g);
    h = multiplyAdd(factor, v128.load(row, 96), h);
    k = multiplyAdd(factor, v128.load(row, 112), k);
    row += step;
  }
  v128.store(to, a, 0);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, e, 48);
  v128.store(to, f, 64);
  v128.store(to, g, 80);
  v128.store(to, h, 96);
  v128.store(to, k, 112);
}
