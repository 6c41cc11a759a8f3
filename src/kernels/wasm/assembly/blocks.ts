import { addValues, clearState, fetchQueries, weighTile } from "./attend-tile";
import { COLUMNS, MIXED_BLOCKS, PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW, SCORE_ROW } from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { Matrix } from "./matrix";
import { copyRow, copyRows, packPanels } from "./pack";
import { writeScaled } from "./rows";
import { Step } from "./step";

/** Steps on blocks of `Step.size` rows. */

/** Bytes between packed rows of blocks: the rows would otherwise fall on the same cache sets. */
const APART: usize = 64;

/**
 * Rows `from … to-1` of all mixed blocks: a product of the shares and of the same rows of all blocks. Rows that the last block lacks
 * have shares of their own.
 */
export function mixBlocks(step: usize, lane: usize, from: i32, to: i32): void {
  const shares = Step.by(step);
  const inLast = Matrix.rows(Step.of(step)) - (Matrix.rows(shares) - 1) * Step.size(step);
  const middle = max(from, min(to, inLast));
  if (from < middle) mixRows(step, lane, shares, from, middle);
  if (middle < to) mixRows(step, lane, Step.bias(step), middle, to);
}

function mixRows(step: usize, lane: usize, shares: usize, from: i32, to: i32): void {
  const source = Step.of(step);
  const result = Step.to(step);
  const size = Step.size(step);
  const count = Matrix.columns(shares);
  const width = (to - from) * Matrix.width(source);
  const bytes: usize = <usize>Matrix.width(source) << 2;
  const rowBytes: usize = <usize>width << 2;
  const output = Lane.state(lane);
  for (let first = 0; first < Matrix.rows(shares); first += MIXED_BLOCKS) {
    const rows = min(MIXED_BLOCKS, Matrix.rows(shares) - first);
    for (let block = 0; block < count; block += COLUMNS) {
      const blocks = min(COLUMNS, count - block);
      packRows(source, size, from, to, block, blocks, Lane.panels(lane));
      for (let r = 0; r < rows; r += QUERIES) {
        const some = min(QUERIES, rows - r);
        const weights = Matrix.row(shares, first + r) + (<usize>block << 2);
        copyRows(weights, Matrix.rowBytes(shares), some, <usize>blocks << 2, Lane.scores(lane), SCORE_ROW);
        const sums = output + <usize>r * rowBytes;
        addValues(lane, some, Lane.panels(lane), rowBytes + APART, width, blocks, sums, rowBytes, block == 0);
      }
    }
    for (let r = 0; r < rows; r++) {
      let mixed = output + <usize>r * rowBytes;
      for (let row = from; row < to; row++) {
        writeScaled(mixed, Matrix.columns(source), 1, Matrix.row(result, (first + r) * size + row));
        mixed += bytes;
      }
    }
  }
}

/** Packs rows `from … to-1` of `count` blocks of `size` rows from `block` on, those of a block side by side. */
function packRows(source: usize, size: i32, from: i32, to: i32, block: i32, count: i32, packed: usize): void {
  const bytes: usize = <usize>Matrix.width(source) << 2;
  for (let b = block; b < block + count; b++) {
    for (let row = from; row < to; row++) {
      copyRow(Matrix.row(source, b * size + row), <usize>Matrix.columns(source) << 2, packed);
      packed += bytes;
    }
    packed += APART;
  }
}

/** Queries of blocks `from … to-1` against the same block of two matrices of keys, all of whose rows are packed first. */
export function attendBlocks(step: usize, lane: usize, from: i32, to: i32): void {
  const size = Step.size(step);
  const queries = Step.of(step);
  const result = Step.to(step);
  const rowBytes: usize = <usize>Step.width(step) << 2;
  const total = Lane.total(lane), output = Lane.output(lane);
  for (let block = from; block < to; block++) {
    const start = block * size;
    const end = min(Matrix.rows(queries), start + size);
    const mixed = packBlock(step, Step.by(step), start, Lane.panels(lane));
    const ownPanels = Lane.panels(lane) + (<usize>((mixed + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS * Step.channels(step)) << 2);
    const own = packBlock(step, Step.ownKeys(step), start, ownPanels);
    for (let first = start; first < end; first += QUERIES) {
      const rows = min(QUERIES, end - first);
      fetchQueries(step, lane, first, rows);
      clearState(Lane.maximum(lane), total, rows);
      attendBlock(step, lane, rows, Lane.panels(lane), mixed, Step.values(step, 0), start, true);
      attendBlock(step, lane, rows, ownPanels, own, Step.values(step, 1), start, false);
      for (let r = 0; r < rows; r++) {
        const factor: f32 = 1 / load<f32>(total + (<usize>r << 2));
        writeScaled(output + <usize>r * rowBytes, Matrix.columns(result), factor, Matrix.row(result, first + r));
      }
    }
  }
}

/** Packs the rows of a block that begins at row `start`; returns how many there are. */
function packBlock(step: usize, keys: usize, start: i32, to: usize): i32 {
  const count = min(Step.size(step), Matrix.rows(keys) - start);
  packPanels(Matrix.row(keys, start), Matrix.rowBytes(keys), count, Step.channels(step), Step.factor(step), to);
  return count;
}

/** Adds `count` packed keys, and the rows of their values from `start` on, to the state of `rows` queries. */
function attendBlock(step: usize, lane: usize, rows: i32, keys: usize, count: i32, values: usize, start: i32, empty: bool): void {
  const channels = Step.channels(step);
  const rowBytes: usize = <usize>Step.width(step) << 2;
  for (let key = 0; key < count; key += COLUMNS) {
    const columns = min(COLUMNS, count - key);
    for (let column = 0; column < columns; column += PANEL_KEYS) {
      const panel = keys + (<usize>((key + column) * channels) << 2);
      for (let r = 0; r < rows; r += PANEL_QUERIES) {
        const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
        scoresTile(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, panel, PANEL_KEYS << 2, scores, SCORE_ROW, channels);
      }
    }
    weighTile(lane, rows, columns, Lane.maximum(lane), Lane.total(lane), Lane.output(lane), rowBytes);
    const from = Matrix.row(values, start + key);
    addValues(lane, rows, from, Matrix.rowBytes(values), Matrix.width(values), columns, Lane.output(lane), rowBytes, empty && key == 0);
  }
}
