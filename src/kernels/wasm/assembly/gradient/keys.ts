import { Call } from "../call";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW, SHORT_PANEL } from "../generated/layout";
import { addKeysTile } from "../generated/micro";
import { Lane } from "../lane";
import { panelEnd, panelStart } from "../mask";
import { tokenAt } from "../pack";
import { Gradient, keyBytes, keySum, valueBytes, valueSum } from "./words";

/**
 * Adds to the keys of a tile what its queries bring: weights times dout to the sums of dv, and gradients of logits times queries to
 * those of dk, a panel of keys at a time. Columns `low … high-1` are entries of a list, column 0 being entry `origin`.
 */
export function addToKeys(call: usize, lane: usize, table: usize, rows: i32, low: i32, high: i32, origin: i32, list: usize): void {
  for (let column = low; column < high; column += PANEL_QUERIES) {
    const count = min(PANEL_QUERIES, high - column);
    for (let next = 0; next * PANEL_QUERIES < rows; ) {
      // Query panels one after the other that attend any of these keys are one product.
      while (next * PANEL_QUERIES < rows && !meets(lane, next, column, count)) next++;
      const from = next * PANEL_QUERIES;
      while (next * PANEL_QUERIES < rows && meets(lane, next, column, count)) next++;
      const inner = min(rows, next * PANEL_QUERIES) - from;
      if (inner > 0) addPanel(call, lane, table, from, inner, column, count, origin + column, list);
    }
  }
}

@inline
function meets(lane: usize, panel: i32, column: i32, count: i32): bool {
  return panelStart(lane, panel) < column + count && panelEnd(lane, panel) > column;
}

/** What the queries `from … from + inner - 1` bring to `count` keys, entries of a list from `entry` on. */
function addPanel(
  call: usize, lane: usize, table: usize, from: i32, inner: i32, column: i32, count: i32, entry: i32, list: usize,
): void {
  const g = Call.gradient(call);
  const at: usize = <usize>from * SCORE_ROW + (<usize>column << 2);
  const douts = Lane.douts(lane) + <usize>from * QUERY_ROW, queries = Lane.queries(lane) + <usize>from * QUERY_ROW;
  const ofValues = valueBytes(call), ofKeys = keyBytes(g);
  if (isDirect(call, g, table, count, entry, list)) {
    multiply(count, Lane.scores(lane) + at, douts, valueSum(call, g, table, entry), ofValues, inner);
    multiply(count, Lane.products(lane) + at, queries, keySum(g, table, entry), ofKeys, inner);
    return;
  }
  const sums = Lane.keySums(lane);
  clear(sums, ofValues * PANEL_QUERIES);
  multiply(count, Lane.scores(lane) + at, douts, sums, ofValues, inner);
  for (let k = 0; k < count; k++) add(sums + <usize>k * ofValues, ofValues, valueSum(call, g, table, <i32>tokenAt(list, entry + k)));
  clear(sums, ofKeys * PANEL_QUERIES);
  multiply(count, Lane.products(lane) + at, queries, sums, ofKeys, inner);
  for (let k = 0; k < count; k++) add(sums + <usize>k * ofKeys, ofKeys, keySum(g, table, <i32>tokenAt(list, entry + k)));
}

/** Whether the sums of a panel's keys lie one after the other, and the micro-kernel writes no others. */
@inline
function isDirect(call: usize, g: usize, table: usize, count: i32, entry: i32, list: usize): bool {
  if (list != 0 || (count != PANEL_QUERIES && count != SHORT_PANEL)) return false;
  const last = entry + count - 1;
  return (
    keySum(g, table, last) == keySum(g, table, entry) + <usize>(count - 1) * keyBytes(g) &&
    valueSum(call, g, table, last) == valueSum(call, g, table, entry) + <usize>(count - 1) * valueBytes(call)
  );
}

@inline
function multiply(count: i32, factors: usize, rows: usize, sums: usize, rowBytes: usize, inner: i32): void {
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) addKeysTile(count, factors, rows + i, QUERY_ROW, sums + i, rowBytes, inner);
}

/** Clears a multiple of 32 bytes. */
@inline
export function clear(at: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = at + bytes; at < end; at += 32) {
    v128.store(at, zero, 0);
    v128.store(at, zero, 16);
  }
}

/** Adds a multiple of 32 bytes. */
export function add(from: usize, bytes: usize, to: usize): void {
  for (const end = from + bytes; from < end; from += 32) {
    const a = f32x4.add(v128.load(to, 0), v128.load(from, 0));
    const b = f32x4.add(v128.load(to, 16), v128.load(from, 16));
    v128.store(to, a, 0);
    v128.store(to, b, 16);
    to += 32;
  }
}
