import { Call } from "../../call";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "../../generated/layout";
import { addKeysTile, multiplyAdd, scoresTile, valuesTile } from "../../generated/micro";
import { Lane } from "../../lane";
import { packPanels } from "../../pack";
import { Panel } from "../../panel";
import { stateRows } from "./states";

/**
 * What the tokens of a causal chunk bring to one another. Of each pair a row and a key not after it: the weight, φ(q)·φ(k), into
 * the lane's scores, and its slope, the product of their numbers, into the lane's products; 0 for other pairs up to a whole
 * panel. Returns whether all are finite, as they are if all that is known of the chunk's tokens is.
 */
export function openPairs(call: usize, lane: usize, panel: usize, count: i32): bool {
  lowerProducts(lane, Lane.queries(lane), Lane.features(lane), count, Panel.count(panel), Lane.scores(lane));
  lowerProducts(lane, Lane.douts(lane), Lane.valueRows(lane), count, stateRows(call), Lane.products(lane));
  let finite: f32 = 0;
  for (let r = 0; r < count; r++) {
    const row: usize = <usize>r * SCORE_ROW;
    const own: usize = row + (<usize>r << 2);
    finite += (load<f32>(Lane.scores(lane) + own) + load<f32>(Lane.products(lane) + own)) * 0;
    const end: usize = row + (<usize>((r / PANEL_QUERIES + 1) * PANEL_QUERIES) << 2);
    for (let at = own + 4; at < end; at += 4) {
      store<f32>(Lane.scores(lane) + at, 0);
      store<f32>(Lane.products(lane) + at, 0);
    }
  }
  return finite == 0;
}

/** Products of rows with rows of the panels on and below the diagonal. */
function lowerProducts(lane: usize, rows: usize, by: usize, count: i32, inner: i32, to: usize): void {
  // Four numbers at a time are packed; what the last four have beyond `inner` is never read.
  const packed = inner + 3 & ~3;
  packPanels(by, QUERY_ROW, count, packed, 1, Lane.panels(lane));
  const panelBytes: usize = <usize>(packed * PANEL_KEYS) << 2;
  for (let j = 0; j < count; j += PANEL_KEYS) {
    const keys = Lane.panels(lane) + <usize>(j / PANEL_KEYS) * panelBytes;
    for (let r = j / PANEL_QUERIES * PANEL_QUERIES; r < count; r += PANEL_QUERIES) {
      const products = to + <usize>r * SCORE_ROW + (<usize>j << 2);
      scoresTile(count - r, rows + <usize>r * QUERY_ROW, keys, PANEL_KEYS << 2, products, SCORE_ROW, inner);
    }
  }
}

/** Adds to each row's sum what keys up to it bring: `factors` are of pairs, `from` are rows of keys, `bytes` wide. */
export function addFromKeys(count: i32, factors: usize, from: usize, bytes: usize, sums: usize, sumStep: usize, finite: bool): void {
  if (!finite) {
    for (let r = 0; r < count; r++) addRows(factors + <usize>r * SCORE_ROW, 4, from, r + 1, bytes, sums + <usize>r * sumStep);
    return;
  }
  for (let r = 0; r < count; r += PANEL_QUERIES) {
    const keys = min(count, r + PANEL_QUERIES);
    for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
      const sum = sums + <usize>r * sumStep + i;
      valuesTile(count - r, factors + <usize>r * SCORE_ROW, from + i, QUERY_ROW, sum, sumStep, keys);
    }
  }
}

/** Adds to each key's sum what rows from it on bring. */
export function addFromQueries(count: i32, factors: usize, from: usize, bytes: usize, sums: usize, sumStep: usize, finite: bool): void {
  if (!finite) {
    for (let key = 0; key < count; key++) {
      const at: usize = <usize>key * SCORE_ROW + (<usize>key << 2);
      addRows(factors + at, SCORE_ROW, from + <usize>key * QUERY_ROW, count - key, bytes, sums + <usize>key * sumStep);
    }
    return;
  }
  for (let key = 0; key < count; key += PANEL_QUERIES) {
    const at: usize = <usize>key * SCORE_ROW + (<usize>key << 2);
    const rows = from + <usize>key * QUERY_ROW;
    for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
      addKeysTile(count - key, factors + at, rows + i, QUERY_ROW, sums + <usize>key * sumStep + i, sumStep, count - key);
    }
  }
}

/** Adds so many rows times factors that lie `step` bytes apart, and no others, which a factor of 0 would spread if they are not finite. */
function addRows(factors: usize, step: usize, from: usize, count: i32, bytes: usize, to: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = v128.load(to + i);
    for (let r = 0; r < count; r++) {
      sum = multiplyAdd(v128.load32_splat(factors + <usize>r * step), v128.load(from + <usize>r * QUERY_ROW + i), sum);
    }
    v128.store(to + i, sum);
  }
}
