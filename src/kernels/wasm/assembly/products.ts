import { COLUMNS, OUTER_ROWS, PANEL_KEYS, PANEL_QUERIES, QUERIES, SCORE_ROW } from "./generated/layout";
import { outerTile, valuesTile } from "./generated/micro";
import { Lane } from "./lane";
import { Matrix } from "./matrix";
import { copyRows } from "./pack";
import { addScaled, writeScaled } from "./rows";
import { addNumbers } from "./state";
import { Step } from "./step";

/** Rows up to whole panels of queries. */
@inline
export function panelsOfRows(rows: i32): i32 { return (rows + PANEL_QUERIES - 1) / PANEL_QUERIES * PANEL_QUERIES; }

/**
 * aᵀ·b over rows `from … to-1`, which are a segment: its sum by itself. Every `OUTER_ROWS` rows are summed by themselves first.
 */
export function outerSegment(step: usize, lane: usize, from: i32, to: i32): void {
  const b = Step.by(step);
  const rowBytes: usize = <usize>Matrix.width(b) << 2;
  const bytes = <usize>panelsOfRows(Matrix.columns(Step.of(step))) * rowBytes;
  const sum = Step.partial(step, from / Step.segmentRows(step));
  memory.fill(sum, 0, bytes);
  if (to - from <= OUTER_ROWS) {
    addOuter(step, from, to, sum, rowBytes);
    return;
  }
  const part = Lane.state(lane);
  for (let first = from; first < to; first += OUTER_ROWS) {
    memory.fill(part, 0, bytes);
    addOuter(step, first, min(to, first + OUTER_ROWS), part, rowBytes);
    addNumbers(sum, part, sum, bytes);
  }
}

/** Adds the outer products of rows `from … to-1`, so many at a time that they stay near the core. */
function addOuter(step: usize, from: i32, to: i32, sum: usize, rowBytes: usize): void {
  const a = Step.of(step);
  const b = Step.by(step);
  const columns = Matrix.columns(a);
  const aStep = Matrix.rowBytes(a), bStep = Matrix.rowBytes(b);
  for (let first = from; first < to; first += COLUMNS) {
    const count = min(COLUMNS, to - first);
    const left = Matrix.row(a, first), right = Matrix.row(b, first);
    for (let f = 0; f < columns; f += PANEL_QUERIES) {
      for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
        outerTile(columns - f, left + (<usize>f << 2), aStep, right + i, bStep, sum + <usize>f * rowBytes + i, rowBytes, count);
      }
    }
  }
}

/** Adds up the sums of all segments, in their order: rows `from … to-1` of the result. */
export function joinOuter(step: usize, from: i32, to: i32): void {
  const result = Step.to(step);
  const rowBytes: usize = <usize>Matrix.width(Step.by(step)) << 2;
  const start: usize = <usize>from * rowBytes;
  const sum = Step.partial(step, 0) + start;
  for (let s = 1; s < Step.segments(step); s++) addNumbers(sum, Step.partial(step, s) + start, sum, <usize>(to - from) * rowBytes);
  for (let r = from; r < to; r++) hand(step, sum + <usize>(r - from) * rowBytes, Matrix.columns(result), Matrix.row(result, r));
}

/** Writes a row of a result, or adds it. */
@inline
function hand(step: usize, from: usize, columns: i32, to: usize): void {
  if (Step.adds(step)) addScaled(from, columns, 1, to);
  else writeScaled(from, columns, 1, to);
}

/** Rows `from … to-1` of a·b. */
export function multiplyRows(step: usize, lane: usize, from: i32, to: i32): void {
  const a = Step.of(step);
  const b = Step.by(step);
  const result = Step.to(step);
  const width = Matrix.width(b);
  const rowBytes: usize = <usize>width << 2;
  for (let first = from; first < to; first += QUERIES) {
    const rows = min(QUERIES, to - first);
    const output = Lane.output(lane);
    multiply(
      lane, Matrix.row(a, first), Matrix.rowBytes(a), rows, Matrix.columns(a), Matrix.row(b, 0), Matrix.rowBytes(b), output, rowBytes, width,
    );
    for (let r = 0; r < rows; r++) hand(step, output + <usize>r * rowBytes, Matrix.columns(b), Matrix.row(result, first + r));
  }
}

/**
 * c = a·b of at most `QUERIES` rows, `inner` numbers each, and `width` columns, a whole number of panels. Rows of c up to a whole panel
 * are written.
 */
export function multiply(
  lane: usize, a: usize, aStep: usize, rows: i32, inner: i32, b: usize, bStep: usize, c: usize, cStep: usize, width: i32,
): void {
  for (let r = 0; r < panelsOfRows(rows); r++) memory.fill(c + <usize>r * cStep, 0, <usize>width << 2);
  for (let first = 0; first < inner; first += COLUMNS) {
    const count = min(COLUMNS, inner - first);
    copyRows(a + (<usize>first << 2), aStep, rows, <usize>count << 2, Lane.scores(lane), SCORE_ROW);
    const right = b + <usize>first * bStep;
    for (let i: usize = 0; i < <usize>width << 2; i += PANEL_KEYS << 2) {
      for (let r = 0; r < rows; r += PANEL_QUERIES) {
        valuesTile(rows - r, Lane.scores(lane) + <usize>r * SCORE_ROW, right + i, bStep, c + <usize>r * cStep + i, cStep, count);
      }
    }
  }
}
