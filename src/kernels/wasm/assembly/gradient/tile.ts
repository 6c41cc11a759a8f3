import { addBias, isInOrder, placeColumns } from "../bias";
import { Call } from "../call";
import { ACTIVATION_given, COLUMNS, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "../generated/layout";
import { addValuesTile, scoresTile } from "../generated/micro";
import { Lane } from "../lane";
import { readScores } from "../learned-scores";
import { clearPanelEdges, findPanelSpans, maskPanel, panelEnd, panelStart } from "../mask";
import { addAttended } from "./attended";
import { addToBiases } from "./bias-sums";
import { addToKeys } from "./keys";
import { addToMeans } from "./means";
import { writeToTable } from "./to-table";
import { weighGradients } from "./weigh";
import { Gradient } from "./words";

/**
 * The five products of one tile: scores of `rows` queries against keys `first … last-1`, dout times values, and what they add to
 * dq, dk and dv. Returns the first key that did not fit. `spans`, `bits`, `bitsRow` and `list` are as in the forward pass; a
 * `careful` tile has numbers that are not finite. With `measures` it adds to the rows' means, and to nothing else. `segment` is whose sums of keys are added to.
 */
export function gradientTile(
  call: usize, lane: usize, segment: i32, keys: usize, values: usize, keyRows: usize, rows: i32, first: i32, last: i32,
  spans: usize, bits: usize, bitsRow: usize, list: usize, careful: bool, measures: bool,
): i32 {
  const g = Call.gradient(call);
  const panel = first / PANEL_KEYS;
  const low = first - panel * PANEL_KEYS;
  const high = min(last - panel * PANEL_KEYS, COLUMNS);
  const origin = panel * PANEL_KEYS;
  const d = Call.d(call), valueDim = Call.valueDim(call);
  findPanelSpans(lane, spans, rows, low, high);
  const given = Call.activation(call) == ACTIVATION_given;
  if (given) readScores(call, lane, rows, origin);
  else multiplyPanels(lane, rows, high, Lane.queries(lane), keys + (<usize>(origin * d) << 2), d, Lane.scores(lane));
  multiplyPanels(lane, rows, high, Lane.douts(lane), values + (<usize>(origin * valueDim) << 2), valueDim, Lane.products(lane));
  if (measures) {
    addToMeans(lane, rows, low, high, spans, bits, bitsRow);
    return origin + high;
  }
  findGradients(call, lane, segment, rows, low, high, origin, spans, bits, bitsRow, list);
  if (given) writeToTable(call, lane, rows, low, high, origin, spans);
  const table = Gradient.table(g, segment);
  const rowBytes: usize = <usize>d << 2;
  if (spans != 0 && careful) {
    addAttended(call, lane, table, rows, high - low, low, first, list, keyRows + <usize>first * rowBytes, spans, bits, bitsRow);
  } else {
    addToQueries(lane, rows, keyRows + <usize>origin * rowBytes, rowBytes, <usize>Gradient.width(g) << 2);
    addToKeys(call, lane, table, rows, low, high, origin, list);
  }
  return origin + high;
}

/** Products of rows in the lane with those panels of packed ones that any row of a panel of queries attends. */
function multiplyPanels(lane: usize, rows: i32, high: i32, factors: usize, packed: usize, inner: i32, to: usize): void {
  for (let column = 0; column < high; column += PANEL_KEYS) {
    for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
      if (panelStart(lane, p) >= column + PANEL_KEYS || panelEnd(lane, p) <= column) continue;
      const at = to + <usize>r * SCORE_ROW + (<usize>column << 2);
      scoresTile(rows - r, factors + <usize>r * QUERY_ROW, packed, PANEL_KEYS << 2, at, SCORE_ROW, inner);
    }
    packed += <usize>(inner * PANEL_KEYS) << 2;
  }
}

/** Weights in the place of scores, and gradients of logits in that of products; adds to those of biases, too. */
function findGradients(
  call: usize, lane: usize, segment: i32, rows: i32, low: i32, high: i32, origin: i32, spans: usize, bits: usize, bitsRow: usize, list: usize,
): void {
  const gap = Lane.products(lane) - Lane.scores(lane);
  const biased = Call.bias(call) != 0;
  const g = Call.gradient(call);
  const summed = Gradient.biasTable(g, segment) != 0;
  // What leads from a bias to its sum.
  const toBiases = Gradient.biasSums(g, segment) - Call.bias(call);
  const inOrder = isInOrder(call, list);
  const together = biased && !inOrder ? placeColumns(call, lane, list, origin, high) : 0;
  for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
    const from = panelStart(lane, p) & ~7;
    const to = (panelEnd(lane, p) + 7) & ~7;
    if (panelStart(lane, p) >= panelEnd(lane, p)) continue;
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    if (biased) addBias(lane, scores, r, rows, origin, inOrder, together, from, to);
    const hasEdges = from != low || to != high;
    if (spans != 0) maskPanel(lane, scores, r, rows, low, from, to, spans, bits, bitsRow);
    else if (hasEdges) clearPanelEdges(scores, low, high, from, to);
    weighGradients(call, lane, r, scores + (<usize>from << 2), gap, to - from, spans != 0 || (hasEdges && summed));
    if (spans != 0) clearMargins(scores, gap, from, to);
    if (summed) addToBiases(lane, scores + gap, r, rows, origin, inOrder, from, to, toBiases);
  }
}

/** A panel of keys may reach as far beyond what a panel of queries attends. */
const MARGIN = 8;

/** Clears what other panels of keys read beside columns `from … to-1` of a panel of queries. */
function clearMargins(scores: usize, gap: usize, from: i32, to: i32): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < PANEL_QUERIES; r++) {
    const row = scores + <usize>r * SCORE_ROW;
    if (from >= MARGIN) clearEight(row + (<usize>(from - MARGIN) << 2), gap, zero);
    if (to + MARGIN <= COLUMNS) clearEight(row + (<usize>to << 2), gap, zero);
  }
}

@inline
function clearEight(at: usize, gap: usize, zero: v128): void {
  v128.store(at, zero, 0);
  v128.store(at, zero, 16);
  v128.store(at + gap, zero, 0);
  v128.store(at + gap, zero, 16);
}

/** Adds gradients of logits times keys to every panel of queries; `keyRows` is where the row of column 0 would be. */
function addToQueries(lane: usize, rows: i32, keyRows: usize, rowBytes: usize, width: usize): void {
  for (let i: usize = 0; i < width; i += PANEL_KEYS << 2) {
    for (let r = 0, p = 0; r < rows; r += PANEL_QUERIES, p++) {
      const start = panelStart(lane, p);
      const count = panelEnd(lane, p) - start;
      if (count <= 0) continue;
      const factors = Lane.products(lane) + <usize>r * SCORE_ROW + (<usize>start << 2);
      addValuesTile(rows - r, factors, keyRows + <usize>start * rowBytes + i, rowBytes, Lane.output(lane) + <usize>r * width + i, width, count);
    }
  }
}
