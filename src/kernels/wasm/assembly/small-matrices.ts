import { fetchQueries } from "./attend-tile";
import { PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW } from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { Matrix } from "./matrix";
import { multiply, panelsOfRows } from "./products";
import { exp2, joinMaxima, joinSums, rowMaximum, rowWeights, scaleRow } from "./softmax";
import { Step } from "./step";
import { LEAST } from "./weigh";

/** Rows `from … to-1` of the weights themselves: softmax of the scores of packed keys. */
export function weighRows(step: usize, lane: usize, from: i32, to: i32): void {
  scoreRows(step, lane, from, to);
  const result = Step.to(step);
  const columns = Matrix.columns(result);
  const padded = (columns + 7) & ~7;
  for (let row = from; row < to; row++) softmaxRow(Matrix.row(result, row), columns, padded, Lane.parts(lane));
}

/** Rows `from … to-1` of the scores of packed keys. */
export function scoreRows(step: usize, lane: usize, from: i32, to: i32): void {
  const result = Step.to(step);
  const rowBytes = Matrix.rowBytes(result);
  const columns = Matrix.columns(result);
  const channels = Step.channels(step);
  for (let first = from; first < to; first += QUERIES) {
    const rows = min(QUERIES, to - first);
    fetchQueries(step, lane, first, rows);
    for (let c = 0; c < columns; c += PANEL_KEYS) {
      const keys = Step.packed(step) + (<usize>(c * channels) << 2);
      for (let r = 0; r < rows; r += PANEL_QUERIES) {
        const scores = Matrix.row(result, first + r) + (<usize>c << 2);
        scoresTile(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, keys, PANEL_KEYS << 2, scores, rowBytes, channels);
      }
    }
  }
}

/** Scores in powers of 2 to weights that sum to 1. What lies behind them up to a multiple of 8 becomes 0. */
export function softmaxRow(scores: usize, columns: i32, padded: i32, parts: usize): void {
  for (let c = columns; c < padded; c++) store<f32>(scores + (<usize>c << 2), -Infinity);
  rowMaximum(scores, padded, parts);
  const largest = f32x4.extract_lane(joinMaxima(parts), 0);
  rowWeights(scores, padded, f32x4.pmax(f32x4.splat(LEAST), f32x4.splat(largest)), parts);
  scaleRow(scores, <usize>padded << 2, 1 / f32x4.extract_lane(joinSums(parts), 0));
}

/**
 * Steps towards the pseudo-inverse of a square matrix A: `Z = Aᵀ / (‖A‖₁ ‖A‖∞)`, and then, `Step.size` times,
 * `Z = ¼ Z (13 I - AZ (15 I - AZ (7 I - AZ)))`: Xiong et al. 2021, arXiv 2102.03902, eq. 11.
 */
export function invert(step: usize, lane: usize): void {
  const a = Step.of(step);
  const m = Matrix.rows(a);
  const rowBytes = Matrix.rowBytes(Step.to(step));
  const bytes: usize = <usize>panelsOfRows(m) * rowBytes;
  const data = Matrix.row(a, 0);
  let z = Matrix.row(Step.to(step), 0);
  let next = Step.partial(step, 0);
  const az = next + bytes;
  const right = az + bytes;
  const left = right + bytes;
  transposeScaled(data, rowBytes, m, norms(data, rowBytes, m), z);
  for (let i = 0; i < Step.size(step); i++) {
    product(lane, data, z, m, rowBytes, az);
    lessThan(7, az, m, rowBytes, right);
    product(lane, az, right, m, rowBytes, left);
    lessThan(15, left, m, rowBytes, left);
    product(lane, az, left, m, rowBytes, right);
    lessThan(13, right, m, rowBytes, right);
    product(lane, z, right, m, rowBytes, next);
    for (let r = 0; r < m; r++) scaleRow(next + <usize>r * rowBytes, rowBytes, 0.25);
    const old = z;
    z = next;
    next = old;
  }
  if (z != Matrix.row(Step.to(step), 0)) memory.copy(Matrix.row(Step.to(step), 0), z, bytes);
}

/** `1 / (‖A‖₁ ‖A‖∞)`: the largest sum of a column's absolute numbers, and of a row's. */
function norms(a: usize, rowBytes: usize, m: i32): f32 {
  let ofRows: f32 = 0, ofColumns: f32 = 0;
  for (let i = 0; i < m; i++) {
    let row: f32 = 0, column: f32 = 0;
    for (let j = 0; j < m; j++) {
      row += abs(load<f32>(a + <usize>i * rowBytes + (<usize>j << 2)));
      column += abs(load<f32>(a + <usize>j * rowBytes + (<usize>i << 2)));
    }
    ofRows = max(ofRows, row);
    ofColumns = max(ofColumns, column);
  }
  return 1 / (ofRows * ofColumns);
}

/** to = factor·aᵀ of square matrices. */
export function transposeScaled(a: usize, rowBytes: usize, m: i32, factor: f32, to: usize): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      store<f32>(to + <usize>j * rowBytes + (<usize>i << 2), factor * load<f32>(a + <usize>i * rowBytes + (<usize>j << 2)));
    }
  }
}

/** c = a·b of square matrices. */
export function product(lane: usize, a: usize, b: usize, m: i32, rowBytes: usize, c: usize): void {
  const width = (m + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS;
  for (let first = 0; first < m; first += QUERIES) {
    const at: usize = <usize>first * rowBytes;
    multiply(lane, a + at, rowBytes, min(QUERIES, m - first), m, b, rowBytes, c + at, rowBytes, width);
  }
}

/** to = factor·I - a. */
export function lessThan(factor: f32, a: usize, m: i32, rowBytes: usize, to: usize): void {
  const zero = f32x4.splat(0);
  for (let r: usize = 0; r < <usize>m; r++) {
    const row: usize = r * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 32) {
      v128.store(to + row + i, f32x4.sub(zero, v128.load(a + row + i, 0)), 0);
      v128.store(to + row + i, f32x4.sub(zero, v128.load(a + row + i, 16)), 16);
    }
    const diagonal = to + row + (r << 2);
    store<f32>(diagonal, load<f32>(diagonal) + factor);
  }
}
