import { Call } from "./call";
import { COLUMNS, GROUP_ROWS, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "./generated/layout";
import { scoresTile, valuesTile } from "./generated/micro";
import { ATTENDED_ROW, hidePairs } from "./hidden-pairs";
import { Lane } from "./lane";
import { addAttendedValues } from "./mask";
import { copyRow } from "./pack";
import { scaleRow } from "./softmax";
import { weighPanel } from "./weigh";

/** Copies the queries of `rows` tokens at `list`, times the factor of scores. */
export function fetchQueries(call: usize, lane: usize, list: usize, rows: i32): void {
  const bytes: usize = <usize>Call.d(call) << 2;
  const padded = (bytes + 31) & ~31;
  for (let r = 0, to = Lane.queries(lane); r < rows; r++, to += QUERY_ROW) {
    copyRow(Call.q(call) + <usize>load<u32>(list + (<usize>r << 2)) * bytes, bytes, to);
    scaleRow(to, padded, Call.factor(call));
  }
}

/** Begins `rows` rows: no key seen. */
export function clearGroup(call: usize, lane: usize, rows: i32): void {
  for (let r: usize = 0; r < <usize>GROUP_ROWS << 2; r += 16) {
    v128.store(Lane.maximum(lane) + r, f32x4.splat(-Infinity));
    v128.store(Lane.total(lane) + r, f32x4.splat(0));
  }
  const padded = (rows + PANEL_QUERIES - 1) / PANEL_QUERIES * PANEL_QUERIES;
  memory.fill(Lane.output(lane), 0, <usize>(padded * Call.width(call)) << 2);
}

/**
 * Adds keys `from … to-1` of those that are packed in the lane to the state of `rows` queries, tokens at `queries`; `keys` are
 * the tokens of all packed keys, and `shown`, `step` and `group` tell which pairs are left out.
 */
export function attendGroup(
  call: usize, lane: usize, queries: usize, rows: i32, keys: usize, from: i32, to: i32, shown: usize, step: usize, group: i32,
): void {
  while (from < to) {
    const panel = from / PANEL_KEYS;
    const begin = panel * PANEL_KEYS;
    const low = from - begin;
    const high = min(to - begin, COLUMNS);
    scoreColumns(call, lane, rows, panel, high);
    const first = low & ~7;
    const columns = ((high + 7) & ~7) - first;
    const at: usize = <usize>begin << 2;
    const rowBytes: usize = <usize>Call.width(call) << 2;
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW;
      hidePairs(call, lane, scores, r, rows, queries, keys + at, low, high, shown + at, step, group);
      const word: usize = <usize>r << 2;
      const output = Lane.output(lane) + <usize>r * rowBytes;
      weighPanel(lane, scores + (<usize>first << 2), columns, Lane.floors(lane), Lane.maximum(lane) + word, Lane.total(lane) + word, output, rowBytes);
    }
    addGroupValues(call, lane, rows, begin, low, high);
    from = begin + high;
  }
}

/** Scores of `rows` queries and columns `0 … high-1` from a panel on. */
function scoreColumns(call: usize, lane: usize, rows: i32, panel: i32, high: i32): void {
  const d = Call.d(call);
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  let keys = Lane.classKeys(lane) + <usize>panel * panelBytes;
  for (let column = 0; column < high; column += PANEL_KEYS) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
      scoresTile(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, keys, PANEL_KEYS << 2, scores, SCORE_ROW, d);
    }
    keys += panelBytes;
  }
}

/** Adds the weighted values of columns `low … high-1`, column 0 being the packed key `begin`. */
function addGroupValues(call: usize, lane: usize, rows: i32, begin: i32, low: i32, high: i32): void {
  const step: usize = <usize>Call.valueDim(call) << 2;
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const values = Lane.classValues(lane) + <usize>begin * step;
  if (!Call.finite(call)) {
    // Weight 0 would spread what is not a number to rows that do not attend it.
    for (let r = 0; r < rows; r++) {
      const attended = Lane.attended(lane) + <usize>r * ATTENDED_ROW;
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW;
      addAttendedValues(weights, attended, low, high, values, step, Lane.output(lane) + <usize>r * rowBytes, rowBytes);
    }
    return;
  }
  const skipped: usize = <usize>low << 2;
  const own = values + <usize>low * step;
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW + skipped;
      valuesTile(rows - r, weights, own + i, step, Lane.output(lane) + <usize>r * rowBytes + i, rowBytes, high - low);
    }
  }
}
