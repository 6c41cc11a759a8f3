import { PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW, SCORE_ROW } from "./generated/layout";
import { addValuesTile, firstValuesTile, scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { clearPanelEdges } from "./mask";
import { Matrix } from "./matrix";
import { copyRows, packPanels } from "./pack";
import { Step } from "./step";
import { rowMaximum } from "./softmax";
import { LEAST, weighPanel } from "./weigh";

const LOG2_E: f32 = 1.4426950408889634;

/** Copies queries `first … first + rows - 1` into the lane, with a channel of 1 behind them if keys have a bias. */
export function fetchQueries(step: usize, lane: usize, first: i32, rows: i32): void {
  const queries = Step.of(step);
  if (queries == 0) return;
  const bytes: usize = <usize>Matrix.columns(queries) << 2;
  const to = Lane.queries(lane);
  copyRows(Matrix.row(queries, first), Matrix.rowBytes(queries), rows, bytes, to, QUERY_ROW);
  if (Step.bias(step) == 0) return;
  for (let r = 0; r < rows; r++) store<f32>(to + <usize>r * QUERY_ROW + bytes, 1);
}

/** Packs keys `first … first + count - 1`, `first` being the first of a panel, as `Step.packed` says. */
export function packKeysOf(step: usize, first: i32, count: i32, to: usize): void {
  const keys = Step.by(step);
  const bias = Step.bias(step);
  const d = Matrix.columns(keys);
  if (bias == 0) {
    packPanels(Matrix.row(keys, first), Matrix.rowBytes(keys), count, d, Step.factor(step), to);
    return;
  }
  const panelBytes: usize = <usize>(Step.channels(step) * PANEL_KEYS) << 2;
  const behind: usize = <usize>(d * PANEL_KEYS) << 2;
  for (let key = 0; key < count; key += PANEL_KEYS) {
    packPanels(Matrix.row(keys, first + key), Matrix.rowBytes(keys), min(PANEL_KEYS, count - key), d, Step.factor(step), to);
    for (let i = 0; i < PANEL_KEYS; i++) {
      const added: f32 = key + i < count ? load<f32>(Matrix.row(bias, first + key + i)) * LOG2_E : 0;
      store<f32>(to + behind + (<usize>i << 2), added);
    }
    to += panelBytes;
  }
}

/**
 * Whether the scores of a step are by unit vectors: numbers as they are, but for their sign. Times log2(e) each would be rounded, by an
 * error as large as the number is: that of a difference from the maximum is as large as the difference.
 */
@inline
export function byUnits(step: usize): bool { return Step.of(step) == 0 || Step.by(step) == 0; }

/** What scores by unit vectors are, of the numbers: the largest have the largest weights. */
@inline
export function signOf(step: usize): f32 { return Step.factor(step) < 0 ? -1 : 1; }

/** What differences of scores are multiplied by, on the way to powers of 2. */
@inline
export function unitOf(step: usize): f32 { return byUnits(step) ? abs(Step.factor(step)) : 1; }

/** Begins `rows` rows of a state: no key seen. Writes up to a whole group. */
export function clearState(maximum: usize, total: usize, rows: i32): void {
  for (let r: usize = 0; r < <usize>rows << 2; r += 16) {
    v128.store(maximum + r, f32x4.splat(-Infinity));
    v128.store(total + r, f32x4.splat(0));
  }
}

/**
 * Scores of `rows` queries from `first` on, which are in the lane, and `columns` keys from `key` on, packed at `keys`.
 */
export function scoreTile(step: usize, lane: usize, first: i32, rows: i32, keys: usize, key: i32, columns: i32): void {
  const channels = Step.channels(step);
  const panelBytes: usize = <usize>(channels * PANEL_KEYS) << 2;
  if (Step.by(step) == 0) {
    takeChannels(lane, rows, key, columns, signOf(step));
    return;
  }
  const units = Step.of(step) == 0;
  for (let column = 0; column < columns; column += PANEL_KEYS) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
      if (units) takeRows(keys, first + r, min(PANEL_QUERIES, rows - r), scores);
      else scoresTile(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, keys, PANEL_KEYS << 2, scores, SCORE_ROW, channels);
    }
    keys += panelBytes;
  }
}

/** Where keys are the unit vectors, scores are the queries themselves, or those with the opposite sign. */
function takeChannels(lane: usize, rows: i32, first: i32, count: i32, sign: f32): void {
  const f = f32x4.splat(sign);
  for (let r: usize = 0; r < <usize>rows; r++) {
    const from = Lane.queries(lane) + r * QUERY_ROW + (<usize>first << 2);
    const to = Lane.scores(lane) + r * SCORE_ROW;
    for (let i: usize = 0; i < <usize>count << 2; i += 16) v128.store(to + i, f32x4.mul(v128.load(from + i), f));
  }
}

/** Where queries are the unit vectors, scores are the packed keys themselves. */
function takeRows(panel: usize, first: i32, count: i32, to: usize): void {
  for (let r = 0; r < count; r++) {
    const from = panel + (<usize>((first + r) * PANEL_KEYS) << 2);
    for (let i: usize = 0; i < <usize>PANEL_KEYS << 2; i += 16) v128.store(to + i, v128.load(from + i));
    to += SCORE_ROW;
  }
}

/**
 * One tile of `rows` queries and `columns` keys, all of which are attended but for those that are left out: scores, weights, and the weighted values added to the state.
 * `empty` says that the rows have no output yet.
 */
export function attendTile(
  step: usize, lane: usize, first: i32, rows: i32, keys: usize, key: i32, columns: i32,
  maximum: usize, total: usize, output: usize, empty: bool,
): void {
  const rowBytes: usize = <usize>Step.width(step) << 2;
  scoreTile(step, lane, first, rows, keys, key, columns);
  if (Step.leftOut(step) != 0) leaveOut(step, lane, first, rows, key, columns);
  if (byUnits(step)) weighUnits(lane, rows, columns, maximum, total, output, rowBytes, unitOf(step));
  else weighTile(lane, rows, columns, maximum, total, output, rowBytes);
  for (let n = 0; Step.values(step, n) != 0; n++) {
    const values = Step.values(step, n);
    addValues(lane, rows, Matrix.row(values, key), Matrix.rowBytes(values), Matrix.width(values), columns, output, rowBytes, empty);
    output += <usize>Matrix.width(values) << 2;
  }
}

/** Hides from each row those of keys `key … key + columns - 1` that are among its best. */
function leaveOut(step: usize, lane: usize, first: i32, rows: i32, key: i32, columns: i32): void {
  const count = Step.leftOut(step);
  let best = Step.best(step) + (<usize>(first * count) << 2);
  for (let r: usize = 0; r < <usize>rows; r++) {
    const scores = Lane.scores(lane) + r * SCORE_ROW;
    for (const end = best + (<usize>count << 2); best < end; best += 4) {
      const column: u32 = load<i32>(best) - key;
      if (column < <u32>columns) store<f32>(scores + (<usize>column << 2), -Infinity);
    }
  }
}

/** Turns the scores of a tile into weights. */
export function weighTile(lane: usize, rows: i32, columns: i32, maximum: usize, total: usize, output: usize, rowBytes: usize): void {
  const padded = (columns + 7) & ~7;
  for (let r = 0; r < rows; r += PANEL_QUERIES) {
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
    if (padded != columns) clearPanelEdges(scores, 0, columns, 0, padded);
    const word: usize = <usize>r << 2;
    weighPanel(lane, scores, padded, 0, maximum + word, total + word, output + <usize>r * rowBytes, rowBytes);
  }
}

/** The same of scores by unit vectors, whose maxima are kept as they are: what is weighed is `unit·(score - maximum)`, at most 0. */
function weighUnits(
  lane: usize, rows: i32, columns: i32, maximum: usize, total: usize, output: usize, rowBytes: usize, unit: f32,
): void {
  const padded = (columns + 7) & ~7;
  const parts = Lane.parts(lane), raised = Lane.floors(lane);
  const u = f32x4.splat(unit);
  for (let first = 0; first < rows; first += PANEL_QUERIES) {
    const scores = Lane.scores(lane) + <usize>first * SCORE_ROW;
    if (padded != columns) clearPanelEdges(scores, 0, columns, 0, padded);
    const count = min(PANEL_QUERIES, rows - first);
    const word: usize = <usize>first << 2;
    for (let r = 0; r < count; r++) {
      const row = scores + <usize>r * SCORE_ROW, own = maximum + word + (<usize>r << 2);
      rowMaximum(row, padded, parts);
      const before = load<f32>(own);
      let top = max(LEAST, before);
      for (let i: usize = 0; i < 32; i += 4) top = max(top, load<f32>(parts + i));
      store<f32>(raised + (<usize>r << 2), top);
      // A row that has seen nothing has nothing to shrink; of any other even a difference that overflows does.
      store<f32>(own, before == -Infinity ? before : max(LEAST, (before - top) * unit));
      const m = f32x4.splat(top);
      for (let i: usize = 0; i < <usize>padded << 2; i += 16) v128.store(row + i, f32x4.mul(f32x4.sub(v128.load(row + i), m), u));
    }
    // Where the scale is 0, -∞ times that is no number.
    if (padded != columns) clearPanelEdges(scores, 0, columns, 0, padded);
    weighPanel(lane, scores, padded, 0, maximum + word, total + word, output + <usize>first * rowBytes, rowBytes);
    memory.copy(maximum + word, raised, <usize>count << 2);
  }
}

/** Keys whose weighted values are summed one after the other: a longer sum would be less exact than the weights' own. */
const KEYS_SUMMED: i32 = 64;

/** Adds the weighted values of a tile, rows `valueStep` apart, to `width` columns of the state. */
export function addValues(
  lane: usize, rows: i32, values: usize, valueStep: usize, width: i32, columns: i32, output: usize, rowBytes: usize, empty: bool,
): void {
  for (let first = 0; first < columns; first += KEYS_SUMMED) {
    const count = min(KEYS_SUMMED, columns - first);
    const from = values + <usize>first * valueStep;
    for (let i: usize = 0; i < <usize>width << 2; i += PANEL_KEYS << 2) {
      for (let r = 0; r < rows; r += PANEL_QUERIES) {
        const weights = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>first << 2);
        const to = output + <usize>r * rowBytes + i;
        if (empty && first == 0) firstValuesTile(rows - r, weights, from + i, valueStep, to, rowBytes, count);
        else addValuesTile(rows - r, weights, from + i, valueStep, to, rowBytes, count);
      }
    }
  }
}

/** Floats that the maxima of `rows` rows take, and their sums: up to a whole group. */
@inline
export function groupRows(rows: i32): i32 { return (rows + QUERIES - 1) / QUERIES * QUERIES; }
