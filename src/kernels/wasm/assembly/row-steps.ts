import { COLUMNS, PANEL_KEYS, PANEL_QUERIES, SCORE_ROW } from "./generated/layout";
import { firstValuesTile, valuesTile } from "./generated/micro";
import { Lane } from "./lane";
import { Matrix } from "./matrix";
import { scaleRow } from "./softmax";
import { Step } from "./step";

/** Rows that are summed by themselves, so that a long sum does not lose its last digits. */
const ROWS_TOGETHER = 64;

/** Means of segments `from … to-1`. */
export function meanRows(step: usize, from: i32, to: i32): void {
  const source = Step.of(step);
  const result = Step.to(step);
  for (let segment = from; segment < to; segment++) {
    const first = segmentStart(step, segment);
    const count = segmentStart(step, segment + 1) - first;
    const mean = Matrix.row(result, segment);
    const bytes: usize = <usize>Matrix.width(result) << 2;
    memory.fill(mean, 0, bytes);
    for (let row = 0; row < count; row += ROWS_TOGETHER) {
      addSums(Matrix.row(source, first + row), Matrix.rowBytes(source), min(ROWS_TOGETHER, count - row), bytes, mean);
    }
    scaleRow(mean, bytes, 1 / <f32>count);
  }
}

/** The first row of a segment: balanced ones are ⌊t·n/m⌋ … ⌊(t+1)·n/m⌋ - 1. */
@inline
export function segmentStart(step: usize, segment: i32): i32 {
  const rows = Matrix.rows(Step.of(step));
  const size = Step.size(step);
  if (size > 0) return min(rows, segment * size);
  return <i32>(<i64>segment * <i64>rows / <i64>Matrix.rows(Step.to(step)));
}

/** Adds up `count` rows of `bytes` bytes, a multiple of 32, onto `to`. */
function addSums(from: usize, rowBytes: usize, count: i32, bytes: usize, to: usize): void {
  let i: usize = 0;
  for (; i + 128 <= bytes; i += 128) {
    let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), d = f32x4.splat(0);
    let e = f32x4.splat(0), f = f32x4.splat(0), g = f32x4.splat(0), h = f32x4.splat(0);
    let row = from + i;
    for (let r = 0; r < count; r++) {
      a = f32x4.add(a, v128.load(row, 0));
      b = f32x4.add(b, v128.load(row, 16));
      c = f32x4.add(c, v128.load(row, 32));
      d = f32x4.add(d, v128.load(row, 48));
      e = f32x4.add(e, v128.load(row, 64));
      f = f32x4.add(f, v128.load(row, 80));
      g = f32x4.add(g, v128.load(row, 96));
      h = f32x4.add(h, v128.load(row, 112));
      row += rowBytes;
    }
    const sum = to + i;
    v128.store(sum, f32x4.add(v128.load(sum, 0), a), 0);
    v128.store(sum, f32x4.add(v128.load(sum, 16), b), 16);
    v128.store(sum, f32x4.add(v128.load(sum, 32), c), 32);
    v128.store(sum, f32x4.add(v128.load(sum, 48), d), 48);
    v128.store(sum, f32x4.add(v128.load(sum, 64), e), 64);
    v128.store(sum, f32x4.add(v128.load(sum, 80), f), 80);
    v128.store(sum, f32x4.add(v128.load(sum, 96), g), 96);
    v128.store(sum, f32x4.add(v128.load(sum, 112), h), 112);
  }
  for (; i < bytes; i += 32) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    let row = from + i;
    for (let r = 0; r < count; r++) {
      a = f32x4.add(a, v128.load(row, 0));
      b = f32x4.add(b, v128.load(row, 16));
      row += rowBytes;
    }
    v128.store(to + i, f32x4.add(v128.load(to + i, 0), a), 0);
    v128.store(to + i, f32x4.add(v128.load(to + i, 16), b), 16);
  }
}

/** `factor·|x|²/2` of rows `from … to-1`. */
export function halveSquares(step: usize, from: i32, to: i32): void {
  const source = Step.of(step);
  const bytes: usize = <usize>Matrix.columns(source) << 2;
  for (let r = from; r < to; r++) {
    const row = Matrix.row(source, r);
    let a = f32x4.splat(0), b = f32x4.splat(0);
    let i: usize = 0;
    for (; i + 32 <= bytes; i += 32) {
      const x = v128.load(row + i, 0), y = v128.load(row + i, 16);
      a = f32x4.add(a, f32x4.mul(x, x));
      b = f32x4.add(b, f32x4.mul(y, y));
    }
    const sums = f32x4.add(a, b);
    let sum: f32 = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    for (; i < bytes; i += 4) {
      const x = load<f32>(row + i);
      sum += x * x;
    }
    store<f32>(Matrix.row(Step.to(step), r), sum * 0.5 * Step.factor(step));
  }
}

/** Rows `from … to-1` of the sum of two matrices. */
export function addRows(step: usize, from: i32, to: i32): void {
  const columns = Matrix.columns(Step.to(step));
  for (let r = from; r < to; r++) {
    addRow(Matrix.row(Step.of(step), r), Matrix.row(Step.by(step), r), columns, Matrix.row(Step.to(step), r));
  }
}

/** sum = a + b, of `count` numbers, and nothing beyond them. */
function addRow(a: usize, b: usize, count: i32, sum: usize): void {
  const bytes: usize = <usize>count << 2;
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    v128.store(sum + i, f32x4.add(v128.load(a + i, 0), v128.load(b + i, 0)), 0);
    v128.store(sum + i, f32x4.add(v128.load(a + i, 16), v128.load(b + i, 16)), 16);
  }
  for (; i < bytes; i += 4) store<f32>(sum + i, load<f32>(a + i) + load<f32>(b + i));
}

/** Taps that a panel of rows takes at once: behind them is room for the shift from row to row. */
const TAPS_TOGETHER = 96;

/**
 * Rows `from … to-1` plus the convolution of the values around them, centred: a product with a band matrix, whose every row has the taps
 * one place further on.
 */
export function convolveRows(step: usize, lane: usize, from: i32, to: i32): void {
  const values = Step.values(step, 0);
  const length = Matrix.rows(values);
  const taps = Matrix.columns(Step.by(step));
  const width = Matrix.width(values);
  const rowBytes: usize = <usize>width << 2;
  const output = Lane.output(lane);
  for (let first = from; first < to; first += PANEL_QUERIES) {
    const rows = min(PANEL_QUERIES, to - first);
    memory.fill(output, 0, <usize>PANEL_QUERIES * rowBytes);
    for (let tap = 0; tap < taps; tap += TAPS_TOGETHER) {
      const count = min(TAPS_TOGETHER, taps - tap);
      layBand(Matrix.row(Step.by(step), 0) + (<usize>tap << 2), count, Lane.scores(lane));
      // The value that the first row takes with its first tap.
      const before = first + Step.before(step) + tap - taps / 2;
      const start = max(0, before);
      const end = min(length, before + count + PANEL_QUERIES - 1);
      if (start >= end) continue;
      const band = Lane.scores(lane) + (<usize>(start - before) << 2);
      for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
        valuesTile(rows, band, Matrix.row(values, start) + i, Matrix.rowBytes(values), output + i, rowBytes, end - start);
      }
    }
    for (let r = 0; r < rows; r++) {
      const row = first + r;
      addRow(Matrix.row(Step.of(step), row), output + <usize>r * rowBytes, Matrix.columns(Step.to(step)), Matrix.row(Step.to(step), row));
    }
  }
}

/** Lays `count` taps into every row of a panel, each one place further on than in the row before. */
function layBand(taps: usize, count: i32, to: usize): void {
  for (let r: usize = 0; r < <usize>PANEL_QUERIES; r++) {
    const row = to + r * SCORE_ROW;
    memory.fill(row, 0, SCORE_ROW);
    memory.copy(row + (r << 2), taps, <usize>count << 2);
  }
}
