import {
  MOST_HEAD_DIM, PACKED_ROWS, PANEL_KEYS, PANEL_QUERIES, PRODUCT_COLUMNS, PRODUCT_ROWS, QUERY_ROW,
} from "./generated/layout";
import { addScoresTile, scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { copyRow } from "./pack";
import { Product } from "./product";
import { writeScaled } from "./rows";

/**
 * Products of a layer, a tile of rows at a time. Some columns of the tile's rows are copied side by side, in blocks of which a panel of
 * the weights stays in the nearest cache, and multiplied with one panel after the other. Where there are no further columns, sums are
 * complete while they are near the core; otherwise all sums of the tile wait for them.
 */

/** Bytes of a panel's columns, of its sums, and of a block of a tile's columns, which are `MOST_HEAD_DIM` numbers of each row. */
const COLUMN_BYTES: usize = PANEL_KEYS << 2;
const SUM_BYTES: usize = PRODUCT_ROWS * COLUMN_BYTES;
const BLOCK_BYTES: usize = PRODUCT_ROWS * QUERY_ROW;

/** Some rows of the weights, in panels. What the last panel has beyond the columns is whatever follows, and never looked at. */
export function packStrip(product: usize, unit: i32): void {
  const inner = Product.inner(product);
  const columns = Product.columns(product);
  const rowBytes: usize = <usize>columns << 2;
  const first = unit * PACKED_ROWS;
  const end = min(inner, first + PACKED_ROWS);
  let from: usize = Product.weights(product) + <usize>first * rowBytes;
  let to: usize = Product.panels(product) + <usize>first * COLUMN_BYTES;
  for (let c = 0; c < columns; c += PANEL_KEYS) {
    let row = from;
    for (let r = first; r < end; r++) {
      copyRow(row, COLUMN_BYTES, to + <usize>(r - first) * COLUMN_BYTES);
      row += rowBytes;
    }
    from += COLUMN_BYTES;
    to += Product.panelBytes(product);
  }
}

/** One tile of rows times a group of panels. */
export function multiplyTile(product: usize, lane: usize, unit: i32): void {
  const groups = Product.groups(product);
  const group = unit % groups;
  const first = unit / groups * PRODUCT_ROWS;
  const rows = rowsOf(product, first);
  const inner = Product.inner(product);
  const panels = (Product.columns(product) + PANEL_KEYS - 1) / PANEL_KEYS;
  const start = panels * group / groups;
  const end = panels * (group + 1) / groups;
  const step = Product.columnBytes(product);
  for (let k = 0; k < inner; k += PRODUCT_COLUMNS) {
    const next = min(inner, k + PRODUCT_COLUMNS);
    bringIn(product, first, rows, k, next, Lane.queries(lane));
    for (let panel = start; panel < end; panel++) {
      const sums = Lane.output(lane) + (inner > PRODUCT_COLUMNS ? <usize>(panel - start) * SUM_BYTES : 0);
      const weights: usize = Product.panels(product) + <usize>panel * Product.panelBytes(product) + <usize>k * step;
      multiplyPanel(Lane.queries(lane), rows, k, next, weights, step, sums);
      if (next < inner) continue;
      finish(product, sums, panel, first, rows);
      writeColumns(product, sums, COLUMN_BYTES, panel, first, rows);
    }
  }
}

/** Adds products of columns `k … next-1` of some rows with one panel to its sums, or begins them. */
function multiplyPanel(tokens: usize, rows: i32, k: i32, next: i32, weights: usize, step: usize, sums: usize): void {
  for (; k < next; k += MOST_HEAD_DIM) {
    const here = min(MOST_HEAD_DIM, next - k);
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const tile = tokens + <usize>r * QUERY_ROW;
      const sum = sums + <usize>r * COLUMN_BYTES;
      if (k == 0) scoresTile(rows - r, tile, weights, step, sum, COLUMN_BYTES, here);
      else addScoresTile(rows - r, tile, weights, step, sum, COLUMN_BYTES, here);
    }
    tokens += BLOCK_BYTES;
    weights += <usize>here * step;
  }
}

/** A tile of rows with their table, as they are. */
export function carryRows(product: usize, lane: usize, unit: i32): void {
  const first = unit * PRODUCT_ROWS;
  const rows = rowsOf(product, first);
  const columns = Product.columns(product);
  for (let k = 0; k < columns; k += PRODUCT_COLUMNS) {
    const next = min(columns, k + PRODUCT_COLUMNS);
    bringIn(product, first, rows, k, next, Lane.queries(lane));
    for (let c = k; c < next; c += PANEL_KEYS) {
      const block: usize = Lane.queries(lane) + <usize>((c - k) / MOST_HEAD_DIM) * BLOCK_BYTES;
      writeColumns(product, block + (<usize>(c % MOST_HEAD_DIM) << 2), QUERY_ROW, c / PANEL_KEYS, first, rows);
    }
  }
}

@inline
function rowsOf(product: usize, first: i32): i32 {
  return min(PRODUCT_ROWS, Product.rows(product) * Product.entries(product) - first);
}

/**
 * Copies columns `start … end-1` of rows with their table into blocks, `[columns / MOST_HEAD_DIM, PRODUCT_ROWS]`, rows `QUERY_ROW` bytes
 * apart.
 */
function bringIn(product: usize, first: i32, count: i32, start: i32, end: i32, to: usize): void {
  const inner = Product.inner(product);
  const rows = Product.rows(product);
  const width = Product.fromWidth(product);
  const table = Product.table(product);
  const firstHead: usize = Product.from(product) + <usize>(start / width) * Product.fromHead(product);
  let entry = first / rows;
  let row = first % rows;
  for (let r = 0; r < count; r++) {
    let head: usize = firstHead + <usize>entry * Product.fromEntry(product) + <usize>row * Product.fromRow(product);
    let added: usize = table + (<usize>row * <usize>inner + <usize>start << 2);
    let block: usize = to + <usize>r * QUERY_ROW;
    // Numbers of the head, and of the block, that have been copied.
    let ofHead = start % width, ofBlock = 0;
    for (let k = start; k < end;) {
      const here = min(end - k, min(width - ofHead, MOST_HEAD_DIM - ofBlock));
      const from: usize = head + (<usize>ofHead << 2);
      const place: usize = block + (<usize>ofBlock << 2);
      if (table == 0) copyRow(from, <usize>here << 2, place);
      else addRows(from, added, <usize>here << 2, place);
      added += <usize>here << 2;
      k += here;
      ofHead += here;
      ofBlock += here;
      if (ofHead == width) {
        ofHead = 0;
        head += Product.fromHead(product);
      }
      if (ofBlock == MOST_HEAD_DIM) {
        ofBlock = 0;
        block += BLOCK_BYTES;
      }
    }
    row++;
    if (row == rows) {
      row = 0;
      entry++;
    }
  }
}

/** `to = a + b`. May write up to 12 bytes beyond it. */
@inline
function addRows(a: usize, b: usize, bytes: usize, to: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
}

/** What is done to sums of a panel once they are complete: the bias, and tokens that they are added to. */
function finish(product: usize, sums: usize, panel: i32, first: i32, count: i32): void {
  const rows = Product.rows(product);
  const columns: usize = <usize>Product.columns(product);
  const start: usize = <usize>panel * COLUMN_BYTES;
  const bias = Product.bias(product);
  const gamma = Product.gamma(product);
  if (bias == 0 && gamma == 0) return;
  const factor = gamma == 0 ? f32x4.splat(1) : v128.load32_splat(gamma);
  const table = Product.tokenTable(product);
  for (let r = 0; r < count; r++) {
    const sum = sums + <usize>r * COLUMN_BYTES;
    const token: usize = Product.tokens(product) + (<usize>(first + r) * columns << 2) + start;
    const position: usize = table + (<usize>((first + r) % rows) * columns << 2) + start;
    for (let i: usize = 0; i < COLUMN_BYTES; i += 16) {
      let x = v128.load(sum + i);
      if (bias != 0) x = f32x4.add(x, v128.load(bias + start + i));
      if (gamma != 0) {
        const own = table == 0 ? v128.load(token + i) : f32x4.add(v128.load(token + i), v128.load(position + i));
        x = f32x4.add(own, f32x4.mul(factor, x));
      }
      v128.store(sum + i, x);
    }
  }
}

/** Writes the columns of one panel of some rows to where they belong, and nothing else. */
function writeColumns(product: usize, from: usize, fromStep: usize, panel: i32, first: i32, count: i32): void {
  const rows = Product.rows(product);
  const width = Product.toWidth(product);
  const column = panel * PANEL_KEYS;
  const here = min(PANEL_KEYS, Product.columns(product) - column);
  const rowBytes = Product.toRow(product);
  let entry = first / rows;
  let row = first % rows;
  for (let r = 0; r < count; r++) {
    const to: usize = Product.to(product) + <usize>entry * Product.toEntry(product) + <usize>row * rowBytes;
    // Columns of a panel may be those of several heads.
    for (let c = 0; c < here;) {
      const head = (column + c) / width;
      const ofHead = column + c - head * width;
      const some = min(here - c, width - ofHead);
      writeScaled(from + (<usize>c << 2), some, 1, to + <usize>head * Product.toHead(product) + (<usize>ofHead << 2));
      c += some;
    }
    from += fromStep;
    row++;
    if (row == rows) {
      row = 0;
      entry++;
    }
  }
}
