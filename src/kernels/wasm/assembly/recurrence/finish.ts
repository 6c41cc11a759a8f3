import { allFinite } from "../finite";
import {
  CHANNEL_ROW_chunk, ERASE_never, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW, TOKEN_ROW_written,
} from "../generated/layout";
import { multiplyAdd, scoresTile, stateTile, valuesTile } from "../generated/micro";
import { writeScaled } from "../rows";
import { Place, Recurrence, Scratch } from "./words";

/**
 * What a prepared chunk writes into the state, of each token: v, which is read in place, or v without what is erased, in the lane:
 * `W = β V - β (K̃ S) - M W`, M the decayed products of keys with earlier ones, row by row from the first on.
 */
export function makeValues(r: usize, s: usize, first: i32, count: i32, state: usize): void {
  const rowBytes = Recurrence.rowBytes(r);
  const values = Scratch.values(r, s);
  multiply(Scratch.erasing(r, s), count, state, Recurrence.d(r), rowBytes, values);
  addWritten(r, s, first, count, values);
  const matrix = Scratch.erased(r, s);
  for (let t = 0; t < count; t += PANEL_QUERIES) {
    const row = values + <usize>t * rowBytes, weights = matrix + <usize>t * SCORE_ROW;
    if (t > 0) {
      for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) valuesTile(count - t, weights, values + i, rowBytes, row + i, rowBytes, t);
    }
    solvePanel(weights + (<usize>t << 2), row, rowBytes);
  }
}

/** c = A·B, rows of A `QUERY_ROW` bytes apart. */
@inline
export function multiply(a: usize, count: i32, b: usize, inner: i32, rowBytes: usize, c: usize): void {
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let t = 0; t < count; t += PANEL_QUERIES) {
      scoresTile(count - t, a + <usize>t * QUERY_ROW, b + i, rowBytes, c + <usize>t * rowBytes + i, rowBytes, inner);
    }
  }
}

/** Rows += β v. */
@inline
function addWritten(r: usize, s: usize, first: i32, count: i32, values: usize): void {
  const rowBytes = Recurrence.rowBytes(r);
  const step: usize = <usize>Recurrence.valueDim(r) << 2;
  let v = Place.v(r, s) + <usize>first * step;
  const written = Scratch.tokens(r, s, TOKEN_ROW_written);
  for (let t = 0; t < count; t++) {
    const factor = v128.load32_splat(written + (<usize>t << 2));
    for (let i: usize = 0; i < rowBytes; i += 32) {
      const a = multiplyAdd(factor, v128.load(v + i, 0), v128.load(values + i, 0));
      const b = multiplyAdd(factor, v128.load(v + i, 16), v128.load(values + i, 16));
      v128.store(values + i, a, 0);
      v128.store(values + i, b, 16);
    }
    v += step;
    values += rowBytes;
  }
}

/** Six rows, each of which gets its weights times those before it. */
function solvePanel(weights: usize, rows: usize, rowBytes: usize): void {
  for (let t = 1; t < PANEL_QUERIES; t++) {
    const row = rows + <usize>t * rowBytes;
    const own = weights + <usize>t * SCORE_ROW;
    for (let i: usize = 0; i < rowBytes; i += 32) {
      let a = v128.load(row + i, 0), b = v128.load(row + i, 16);
      let other = rows + i;
      for (let l: usize = 0; l < <usize>t << 2; l += 4) {
        const weight = v128.load32_splat(own + l);
        a = multiplyAdd(weight, v128.load(other, 0), a);
        b = multiplyAdd(weight, v128.load(other, 16), b);
        other += rowBytes;
      }
      v128.store(row + i, a, 0);
      v128.store(row + i, b, 16);
    }
  }
}

/** Where the values of a chunk are, and bytes between them. */
@inline
function valuesOf(r: usize, s: usize, first: i32): usize {
  return Recurrence.erase(r) == ERASE_never ? Place.v(r, s) + (<usize>(first * Recurrence.valueDim(r)) << 2) : Scratch.values(r, s);
}

@inline
function valueStep(r: usize): usize {
  return Recurrence.erase(r) == ERASE_never ? <usize>Recurrence.valueDim(r) << 2 : Recurrence.rowBytes(r);
}

/**
 * Output of a prepared chunk, which reads the state before it and its own tokens. Returns whether all of it is finite: if not, what
 * should not be read may have been, with weight 0.
 */
export function readChunk(r: usize, s: usize, first: i32, count: i32, state: usize): bool {
  const rowBytes = Recurrence.rowBytes(r);
  const output = Scratch.output(r, s);
  multiply(Scratch.queries(r, s), count, state, Recurrence.d(r), rowBytes, output);
  const values = valuesOf(r, s, first), step = valueStep(r);
  for (let t = 0; t < count; t += PANEL_QUERIES) {
    const scores = Scratch.scores(r, s) + <usize>t * SCORE_ROW;
    const keys = min(count, t + PANEL_QUERIES);
    for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
      valuesTile(count - t, scores, values + i, step, output + <usize>t * rowBytes + i, rowBytes, keys);
    }
  }
  const valueDim = Recurrence.valueDim(r);
  if (rowBytes == <usize>valueDim << 2) return allFinite(output, count * valueDim);
  for (let t = 0; t < count; t++) if (!allFinite(output + <usize>t * rowBytes, valueDim)) return false;
  return true;
}

/** Writes out the output of a chunk, with the values that go past the state. */
export function writeChunk(r: usize, s: usize, first: i32, count: i32): void {
  if (!Recurrence.writesOut(r)) return;
  const rowBytes = Recurrence.rowBytes(r);
  const valueDim = Recurrence.valueDim(r);
  let from = Scratch.output(r, s);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>((first + t) * valueDim) << 2;
    writeRow(r, from, Place.v(r, s) + at, Place.out(r, s) + at);
    from += rowBytes;
  }
}

/** One row of output, and nothing beyond it. */
@inline
export function writeRow(r: usize, from: usize, v: usize, out: usize): void {
  const valueDim = Recurrence.valueDim(r);
  const skip = Recurrence.skip(r);
  if (skip == 0) {
    writeScaled(from, valueDim, 1, out);
    return;
  }
  const factor = f32x4.splat(skip);
  const bytes: usize = <usize>valueDim << 2;
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    const a = multiplyAdd(factor, v128.load(v + i, 0), v128.load(from + i, 0));
    const b = multiplyAdd(factor, v128.load(v + i, 16), v128.load(from + i, 16));
    v128.store(out + i, a, 0);
    v128.store(out + i, b, 16);
  }
  for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(from + i) + skip * load<f32>(v + i));
}

/** What is left of the state when the chunk ends, and what its tokens have written by then. */
export function writeState(r: usize, s: usize, first: i32, count: i32, state: usize): void {
  const d = Recurrence.d(r);
  const rowBytes = Recurrence.rowBytes(r);
  decayRows(state, d, rowBytes, Scratch.row(r, s, CHANNEL_ROW_chunk));
  const values = valuesOf(r, s, first), step = valueStep(r);
  const keys = Scratch.keys(r, s);
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let c = 0; c < d; c += PANEL_QUERIES) {
      stateTile(d - c, keys + (<usize>c << 2), values + i, step, state + <usize>c * rowBytes + i, rowBytes, count);
    }
  }
}

/** Each row of a state times its number. */
export function decayRows(state: usize, rows: i32, rowBytes: usize, by: usize): void {
  for (let c = 0; c < rows; c++) {
    const factor = v128.load32_splat(by + (<usize>c << 2));
    for (let i: usize = 0; i < rowBytes; i += 32) {
      const a = f32x4.mul(factor, v128.load(state + i, 0));
      const b = f32x4.mul(factor, v128.load(state + i, 16));
      v128.store(state + i, a, 0);
      v128.store(state + i, b, 16);
    }
    state += rowBytes;
  }
}
