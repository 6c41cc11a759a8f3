import { Call } from "./call";
import { COLUMNS, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "./generated/layout";
import { scoresTile, valuesTile } from "./generated/micro";
import { Lane } from "./lane";
import {
  addAttendedValues, clearColumns, clearUnattended, findPanelSpans, panelEnd, panelStart, spanEnd, spanStart,
} from "./mask";
import { exp2, rowMaximum, rowWeights, scaleRow } from "./softmax";

/** Below every score but -∞: a row whose scores are all -∞ keeps it as its maximum, so that their weights are 0. */
const LEAST: f32 = -3.4028234663852886e38;

/**
 * One tile: scores of `rows` queries against packed keys `first … last-1`, their weights, and the weighted values. Returns
 * the first key that did not fit. `spans` is 0 where every key is attended; otherwise all keys fit into one tile, `spans`
 * has the span of each row, and `bits`, if not 0, `bitsRow` bytes a row of what is attended within the spans.
 */
export function runTile(
  call: usize, lane: usize, keys: usize, rows: i32, first: i32, last: i32, values: usize, valueStep: usize,
  spans: usize, bits: usize, bitsRow: usize,
): i32 {
  const panel = first / PANEL_KEYS;
  const low = first - panel * PANEL_KEYS;
  const high = min(last - panel * PANEL_KEYS, COLUMNS);
  findPanelSpans(lane, spans, rows, low, high);
  computeScores(call, lane, keys, rows, panel, high);
  for (let r = 0; r < rows; r++) {
    const queryPanel = r / PANEL_QUERIES;
    const from = panelStart(lane, queryPanel) & ~7;
    const to = (panelEnd(lane, queryPanel) + 7) & ~7;
    if (from >= to) continue;
    const start = spans == 0 ? low : low + spanStart(spans, r);
    const end = spans == 0 ? high : low + spanEnd(spans, r);
    if (start >= end) {
      // Others of its panel attend keys that it does not: its weights of them are 0, its state stays.
      memory.fill(Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>from << 2), 0, <usize>(to - from) << 2);
      continue;
    }
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    clearColumns(scores, from, start);
    clearColumns(scores, end, to);
    if (bits != 0) clearUnattended(scores + (<usize>low << 2), bits + <usize>r * bitsRow, start - low, end - low);
    weighRow(call, lane, r, scores + (<usize>from << 2), to - from);
  }
  // Column `low` is key `first`.
  const origin = values - <usize>low * valueStep;
  if (spans == 0 || Call.finite(call)) addValues(call, lane, rows, origin, valueStep);
  else {
    const rowBytes: usize = <usize>Call.width(call) << 2;
    for (let r = 0; r < rows; r++) {
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>low << 2);
      const output = Lane.output(lane) + <usize>r * rowBytes;
      const rowBits = bits == 0 ? 0 : bits + <usize>r * bitsRow;
      addAttendedValues(weights, rowBits, spanStart(spans, r), spanEnd(spans, r), values, valueStep, output, rowBytes);
    }
  }
  return panel * PANEL_KEYS + high;
}

/** Scores of the panels that any row of a panel of queries attends. */
function computeScores(call: usize, lane: usize, keys: usize, rows: i32, panel: i32, high: i32): void {
  const d = Call.d(call);
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  for (let column = 0; column < high; column += PANEL_KEYS) {
    const from = keys + <usize>(panel + column / PANEL_KEYS) * panelBytes;
    for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
      if (panelStart(lane, p) >= column + PANEL_KEYS || panelEnd(lane, p) <= column) continue;
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
      scoresTile(Lane.queries(lane) + <usize>r * QUERY_ROW, from, PANEL_KEYS << 2, scores, SCORE_ROW, d);
    }
  }
}

/** Turns one row of scores into weights; its sum and output are rescaled only where its maximum moved. */
function weighRow(call: usize, lane: usize, r: i32, scores: usize, columns: i32): void {
  const maximum = Lane.maximum(lane) + (<usize>r << 2);
  const total = Lane.total(lane) + (<usize>r << 2);
  const before = load<f32>(maximum);
  let top = rowMaximum(scores, columns, Lane.scratch(lane));
  if (!(top > LEAST)) top = LEAST;
  if (!(top > before)) top = before;
  if (top != before && before != -Infinity) {
    v128.store(Lane.scratch(lane), exp2(f32x4.splat(before - top)));
    const shrink = load<f32>(Lane.scratch(lane));
    const rowBytes: usize = <usize>Call.width(call) << 2;
    store<f32>(total, load<f32>(total) * shrink);
    scaleRow(Lane.output(lane) + <usize>r * rowBytes, rowBytes, shrink);
  }
  store<f32>(maximum, top);
  store<f32>(total, load<f32>(total) + rowWeights(scores, columns, top, Lane.scratch(lane)));
}

/** Adds weighted values to the output of every panel of queries; `values` is where those of column 0 would be. */
function addValues(call: usize, lane: usize, rows: i32, values: usize, valueStep: usize): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const columnBytes: usize = PANEL_KEYS << 2;
  for (let i: usize = 0; i < rowBytes; i += columnBytes) {
    for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
      const start = panelStart(lane, p);
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>start << 2);
      const output = Lane.output(lane) + <usize>r * rowBytes + i;
      const keys = panelEnd(lane, p) - start;
      if (keys > 0) valuesTile(weights, values + <usize>start * valueStep + i, valueStep, output, rowBytes, keys);
    }
  }
}
