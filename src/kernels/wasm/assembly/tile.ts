import { addBias, isInOrder, placeColumns } from "./bias";
import { Call } from "./call";
import { ACTIVATION_given, COLUMNS, NORMALISER_relu, NORMALISER_softmax, PANEL_KEYS, PANEL_QUERIES, SCORE_ROW } from "./generated/layout";
import { firstValuesTile, valuesTile } from "./generated/micro";
import { Lane } from "./lane";
import { readScores } from "./learned-scores";
import { addAttendedValues, clearPanelEdges, findPanelSpans, maskPanel, panelEnd, panelStart, spanEnd, spanStart } from "./mask";
import { clearOutput } from "./rows";
import { scorePanel } from "./scores";
import { weighPanel } from "./weigh";
import { rectifyPanel } from "./weigh-relu";
import { logisticPanel } from "./weigh-sigmoid";

/**
 * One tile: scores of `rows` queries against keys `first … last-1` of those packed at `keys`, their weights, and the weighted
 * values. Returns the first key that did not fit. `spans` is 0 where every key is attended; otherwise all keys fit into one
 * tile, `spans` has the span of each row, and `bits`, if not 0, `bitsRow` bytes a row of what is attended within the spans.
 * `empty` says that the rows have no output yet. Keys are entries of a list, 0 for all tokens.
 */
export function runTile(
  call: usize, lane: usize, keys: usize, values: usize, rows: i32, first: i32, last: i32,
  spans: usize, bits: usize, bitsRow: usize, empty: bool, list: usize,
): i32 {
  const panel = first / PANEL_KEYS;
  const low = first - panel * PANEL_KEYS;
  const high = min(last - panel * PANEL_KEYS, COLUMNS);
  findPanelSpans(lane, spans, rows, low, high);
  if (Call.activation(call) == ACTIVATION_given) readScores(call, lane, rows, panel * PANEL_KEYS);
  else computeScores(call, lane, keys, rows, panel, high);
  const biased = Call.bias(call) != 0;
  const inOrder = isInOrder(call, list);
  const together = biased && !inOrder ? placeColumns(call, lane, list, panel * PANEL_KEYS, high) : 0;
  for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
    const from = panelStart(lane, p) & ~7;
    const to = (panelEnd(lane, p) + 7) & ~7;
    if (from >= to) continue;
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    if (biased) addBias(lane, scores, r, rows, panel * PANEL_KEYS, inOrder, together, from, to);
    if (spans != 0) maskPanel(lane, scores, r, rows, low, from, to, spans, bits, bitsRow);
    else if (from != low || to != high) clearPanelEdges(scores, low, high, from, to);
    weigh(call, lane, r, scores + (<usize>from << 2), to - from, spans != 0);
  }
  const valueStep: usize = <usize>Call.valueDim(call) << 2;
  // Of key `first`, which is in column `low`.
  const firstValues: usize = values + <usize>first * valueStep;
  if (spans == 0 || Call.finite(call)) addValues(call, lane, rows, firstValues - <usize>low * valueStep, empty);
  else {
    if (empty) clearOutput(call, lane, 0, rows);
    const rowBytes: usize = <usize>Call.width(call) << 2;
    for (let r = 0; r < rows; r++) {
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>low << 2);
      const output = Lane.output(lane) + <usize>r * rowBytes;
      const rowBits: usize = bits == 0 ? 0 : bits + <usize>r * bitsRow;
      addAttendedValues(weights, rowBits, spanStart(spans, r), spanEnd(spans, r), firstValues, valueStep, output, rowBytes);
    }
  }
  return panel * PANEL_KEYS + high;
}

/** Turns the scores of a panel of queries, which begins with row `first`, into weights. */
@inline
function weigh(call: usize, lane: usize, first: i32, scores: usize, columns: i32, masked: bool): void {
  const normaliser = Call.normaliser(call);
  const total = Lane.total(lane) + (<usize>first << 2);
  if (normaliser == NORMALISER_softmax) {
    const rowBytes: usize = <usize>Call.width(call) << 2;
    const output = Lane.output(lane) + <usize>first * rowBytes;
    const floors: usize = masked ? Lane.floors(lane) : 0;
    weighPanel(lane, scores, columns, floors, Lane.maximum(lane) + (<usize>first << 2), total, output, rowBytes);
  } else if (normaliser == NORMALISER_relu) rectifyPanel(scores, columns);
  else logisticPanel(scores, columns, total);
}

/** Scores of the panels that any row of a panel of queries attends. */
function computeScores(call: usize, lane: usize, keys: usize, rows: i32, panel: i32, high: i32): void {
  const panelBytes: usize = <usize>(Call.channels(call) * PANEL_KEYS) << 2;
  for (let column = 0; column < high; column += PANEL_KEYS) {
    const from = keys + <usize>(panel + column / PANEL_KEYS) * panelBytes;
    for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
      if (panelStart(lane, p) >= column + PANEL_KEYS || panelEnd(lane, p) <= column) continue;
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
      scorePanel(call, lane, rows - r, r, from, scores);
    }
  }
}

/** Adds weighted values to the output of every panel of queries; `values` is where those of column 0 would be. */
function addValues(call: usize, lane: usize, rows: i32, values: usize, empty: bool): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const valueStep: usize = <usize>Call.valueDim(call) << 2;
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
      const start = panelStart(lane, p);
      const count = panelEnd(lane, p) - start;
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>start << 2);
      const from = values + <usize>start * valueStep + i;
      const output = Lane.output(lane) + <usize>r * rowBytes + i;
      if (count <= 0) {
        if (empty && i == 0) clearOutput(call, lane, r, PANEL_QUERIES);
      } else if (empty) firstValuesTile(rows - r, weights, from, valueStep, output, rowBytes, count);
      else valuesTile(rows - r, weights, from, valueStep, output, rowBytes, count);
    }
  }
}
