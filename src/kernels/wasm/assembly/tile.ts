import { Call } from "./call";
import { COLUMNS, PANEL_KEYS, PANEL_QUERIES, SCORE_ROW } from "./layout";
import { addAttendedValues, clearColumns, clearUnattended } from "./mask";
import { scoresTile, valuesTile } from "./micro";
import { exp2, rowMaximum, rowWeights, scaleRow } from "./softmax";

/** Below every score but -∞: a row whose scores are all -∞ keeps it as its maximum, so that their weights are 0. */
const LEAST: f32 = -3.4028234663852886e38;

/**
 * One tile: scores of `rows` queries against packed keys `first … last-1`, their weights, and the weighted values. Returns
 * the first key that did not fit. `bits` is 0 where every key is attended; otherwise row r's begin at `bits + r·bitsRow`,
 * and all keys fit into one tile.
 */
export function runTile(
  call: usize,
  rows: i32,
  first: i32,
  last: i32,
  residue: i32,
  step: i32,
  bits: usize,
  bitsRow: usize,
): i32 {
  const panel = first / PANEL_KEYS;
  const low = first - panel * PANEL_KEYS;
  const high = min(last - panel * PANEL_KEYS, COLUMNS);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  computeScores(call, rows, panel, (high + PANEL_KEYS - 1) / PANEL_KEYS);
  const columns = ((high + PANEL_KEYS - 1) / PANEL_KEYS) * PANEL_KEYS;
  for (let r = 0; r < rows; r++) {
    const scores = Call.scores(call) + <usize>r * SCORE_ROW;
    if (low > 0) clearColumns(scores, 0, low);
    if (high < columns) clearColumns(scores, high, columns);
    const attends = bits == 0 || clearUnattended(scores + (<usize>low << 2), bits + <usize>r * bitsRow, high - low);
    weighRow(call, r, scores, columns, attends);
  }
  const values = Call.values(call) + <usize>(residue + first * step) * rowBytes;
  const valueStep: usize = <usize>step * rowBytes;
  if (bits == 0 || Call.finite(call)) addValues(call, rows, low, high, values, valueStep);
  else {
    for (let r = 0; r < rows; r++) {
      const weights = Call.scores(call) + <usize>r * SCORE_ROW + (<usize>low << 2);
      const output = Call.output(call) + <usize>r * rowBytes;
      addAttendedValues(weights, bits + <usize>r * bitsRow, high - low, values, valueStep, output, rowBytes);
    }
  }
  return panel * PANEL_KEYS + high;
}

function computeScores(call: usize, rows: i32, panel: i32, panels: i32): void {
  const d = Call.d(call);
  const rowPanels = (rows + PANEL_QUERIES - 1) / PANEL_QUERIES;
  for (let c = 0; c < panels; c++) {
    const keys = Call.keys(call) + <usize>((panel + c) * d) * 64;
    for (let r = 0; r < rowPanels; r++) {
      const scores = Call.scores(call) + <usize>(r * PANEL_QUERIES) * SCORE_ROW + (<usize>c << 6);
      scoresTile(Call.queries(call) + <usize>(r * d) * 24, keys, 64, scores, SCORE_ROW, d);
    }
  }
}

/** Turns one row of scores into weights; its sum and output are rescaled only where its maximum moved. */
function weighRow(call: usize, r: i32, scores: usize, columns: i32, attends: bool): void {
  const maximum = Call.maximum(call) + (<usize>r << 2);
  const total = Call.total(call) + (<usize>r << 2);
  const before = load<f32>(maximum);
  const top = max(max(before, attends ? LEAST : before), rowMaximum(scores, columns, Call.scratch(call)));
  if (top == -Infinity) {
    memory.fill(scores, 0, <usize>columns << 2);
    return;
  }
  if (top != before && before != -Infinity) {
    v128.store(Call.scratch(call), exp2(f32x4.splat(before - top)));
    const shrink = load<f32>(Call.scratch(call));
    const rowBytes: usize = <usize>Call.width(call) << 2;
    store<f32>(total, load<f32>(total) * shrink);
    scaleRow(Call.output(call) + <usize>r * rowBytes, rowBytes, shrink);
  }
  store<f32>(maximum, top);
  store<f32>(total, load<f32>(total) + rowWeights(scores, columns, top, Call.scratch(call)));
}

/** Adds the weighted values of columns `low … high-1` to the rows' output. */
export function addValues(call: usize, rows: i32, low: i32, high: i32, values: usize, valueStep: usize): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const rowPanels = (rows + PANEL_QUERIES - 1) / PANEL_QUERIES;
  for (let i: usize = 0; i < rowBytes; i += 64) {
    for (let r = 0; r < rowPanels; r++) {
      const weights = Call.scores(call) + <usize>(r * PANEL_QUERIES) * SCORE_ROW + (<usize>low << 2);
      const output = Call.output(call) + <usize>(r * PANEL_QUERIES) * rowBytes + i;
      valuesTile(weights, values + i, valueStep, output, rowBytes, high - low);
    }
  }
}
