import { CHANNEL_ROW_chunk, ERASE_never, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "../../generated/layout";
import { stateTile } from "../../generated/micro";
import { packPanels } from "../../pack";
import { decayRows } from "../finish";
import { copyTokens } from "../open";
import { Place, Recurrence, Scratch } from "../words";
import {
  addLater, addOuterPairs, copySecond, multiplyInto, pairProductRows, pairProducts, pairRows, solveBackward, solveForward, transpose,
} from "./products";
import { Rows } from "./words";

/** What a prepared chunk writes: v, without what the state before it and its own tokens say of what erases. */
export function makeWritten(r: usize, s: usize, first: i32, count: i32, state: usize): void {
  const valueDim = Recurrence.valueDim(r);
  const rowBytes = Recurrence.rowBytes(r);
  const written = Rows.written(r, s);
  const v = Place.v(r, s) + (<usize>(first * valueDim) << 2);
  copyTokens(v, count, valueDim, <i32>(rowBytes >> 2), written);
  if (Recurrence.erase(r) == ERASE_never) return;
  const asked = Rows.ofValues(r, s);
  multiplyInto(Scratch.erasing(r, s), QUERY_ROW, count, state, rowBytes, Recurrence.d(r), asked, QUERY_ROW);
  for (let t = 0; t < count; t++) {
    for (let i: usize = 0; i < rowBytes; i += 32) {
      const at = <usize>t * QUERY_ROW + i;
      const a = f32x4.add(v128.load(written + at, 0), v128.load(asked + at, 0));
      const b = f32x4.add(v128.load(written + at, 16), v128.load(asked + at, 16));
      v128.store(written + at, a, 0);
      v128.store(written + at, b, 16);
    }
  }
  solveForward(Scratch.erased(r, s), written, QUERY_ROW, count, rowBytes);
}

/**
 * The gradients of what is written: what the state after the chunk passes on, and what rows read, the same system the other way
 * round; and products of those, and of dout, with what is written, of all pairs.
 */
export function ofWritten(r: usize, s: usize, count: i32, after: usize, carefully: bool): void {
  const rowBytes = Recurrence.rowBytes(r);
  const valueDim = Recurrence.valueDim(r);
  const ofValues = Rows.ofValues(r, s), panels = Rows.valuePanels(r, s);
  multiplyInto(Scratch.keys(r, s), QUERY_ROW, count, after, rowBytes, Recurrence.d(r), ofValues, QUERY_ROW);
  const erases = Recurrence.erase(r) != ERASE_never;
  if (erases) {
    const paired = Rows.pairedValues(r, s);
    pairRows(Rows.douts(r, s), ofValues, QUERY_ROW, count, rowBytes, paired);
    pairProductRows(Scratch.scores(r, s), Scratch.erased(r, s), count, Rows.pairedProducts(r, s));
    solveBackward(Rows.pairedProducts(r, s), paired, QUERY_ROW, count, rowBytes);
    copySecond(paired, QUERY_ROW, count, rowBytes, ofValues);
  } else addLater(Scratch.scores(r, s), Rows.douts(r, s), ofValues, QUERY_ROW, count, rowBytes, carefully, Scratch.parts(r, s));
  packPanels(Rows.written(r, s), QUERY_ROW, count, valueDim, 1, panels);
  pairProducts(Rows.douts(r, s), QUERY_ROW, panels, valueDim, count, Rows.products(r, s));
  if (erases) pairProducts(ofValues, QUERY_ROW, panels, valueDim, count, Rows.moreProducts(r, s));
}

/**
 * What rows get of the state before the chunk and of the gradient after it, before decays: `S dout`, `R u`, into rows of the
 * caller's, and `S du`.
 */
export function ofStateRows(r: usize, s: usize, count: i32, state: usize, after: usize, ofKeys: usize): void {
  const d = Recurrence.d(r), valueDim = Recurrence.valueDim(r);
  const rowBytes = Recurrence.rowBytes(r);
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  const columns = Rows.stateColumns(r, s), afterColumns = Rows.afterColumns(r, s);
  transpose(state, rowBytes, d, valueDim, columns, bytes);
  transpose(after, rowBytes, d, valueDim, afterColumns, bytes);
  multiplyInto(Rows.douts(r, s), QUERY_ROW, count, columns, bytes, valueDim, Rows.ofQueries(r, s), QUERY_ROW);
  multiplyInto(Rows.written(r, s), QUERY_ROW, count, afterColumns, bytes, valueDim, ofKeys, QUERY_ROW);
  if (Recurrence.erase(r) == ERASE_never) return;
  multiplyInto(Rows.ofValues(r, s), QUERY_ROW, count, columns, bytes, valueDim, Rows.ofErasing(r, s), QUERY_ROW);
}

/** Takes a chunk into the gradient of the state: what is left of it before the chunk, and what its rows read of that state. */
export function goBefore(r: usize, s: usize, count: i32, own: usize): void {
  decayRows(own, Recurrence.d(r), Recurrence.rowBytes(r), Scratch.row(r, s, CHANNEL_ROW_chunk));
  const d = Recurrence.d(r);
  const rowBytes = Recurrence.rowBytes(r);
  const a = Scratch.queries(r, s), b = Rows.douts(r, s);
  if (Recurrence.erase(r) != ERASE_never) {
    pairRows(a, Scratch.erasing(r, s), QUERY_ROW, count, <usize>Recurrence.channels(r) << 2, Rows.pairedRows(r, s));
    addOuterPairs(Rows.pairedRows(r, s), Rows.pairedValues(r, s), QUERY_ROW, count, d, own, rowBytes);
    return;
  }
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let c = 0; c < d; c += PANEL_QUERIES) {
      stateTile(d - c, a + (<usize>c << 2), b + i, QUERY_ROW, own + <usize>c * rowBytes + i, rowBytes, count);
    }
  }
}
