import { Call } from "../../call";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "../../generated/layout";
import { addScoresTile, scoresTile, stateTile } from "../../generated/micro";
import { Lane } from "../../lane";
import { Panel, spreadRow } from "../../panel";

/**
 * States as gradients read them. Of keys the sum of `[v, 1]` by features, of queries that of `[dout, -dout·out] / Σw`; both are
 * transposed, `[valueDim + 1, features]`, since slopes of features are products of the numbers of a token with that.
 */

/** Rows of a transposed state. */
@inline
export function stateRows(call: usize): i32 { return Call.valueDim(call) + 1; }

/** Bytes of a panel's part of it: `transposedRows` of the host. */
@inline
export function panelBytes(call: usize, panel: usize): usize {
  return <usize>(Call.width(call) + PANEL_QUERIES) * Panel.transposedRow(panel);
}

/** Bytes of a row of features that the micro-kernel makes. */
@inline
export function columnBytes(panel: usize): usize { return <usize>((Panel.count(panel) + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS) << 2; }

/** state += numbersᵀ·features over a chunk of tokens; both in rows `QUERY_ROW` bytes apart. */
export function addTokens(call: usize, panel: usize, numbers: usize, features: usize, count: i32, state: usize): void {
  const rowBytes = Panel.transposedRow(panel);
  for (let i: usize = 0; i < columnBytes(panel); i += PANEL_KEYS << 2) {
    for (let c = 0; c < stateRows(call); c += PANEL_QUERIES) {
      const row = state + <usize>c * rowBytes + i;
      stateTile(stateRows(call) - c, numbers + (<usize>c << 2), features + i, QUERY_ROW, row, rowBytes, count);
    }
  }
}

/** The slopes of a panel's features of a chunk of tokens: their numbers by the other side's state. */
export function readSlopes(call: usize, lane: usize, panel: usize, numbers: usize, count: i32, state: usize): void {
  const rowBytes = Panel.transposedRow(panel);
  for (let i: usize = 0; i < columnBytes(panel); i += PANEL_KEYS << 2) {
    for (let r = 0; r < count; r += PANEL_QUERIES) {
      const at: usize = <usize>r * QUERY_ROW;
      scoresTile(count - r, numbers + at, state + i, rowBytes, Lane.slopes(lane) + at + i, QUERY_ROW, stateRows(call));
    }
  }
}

/** φ(K) of a chunk, which is in the lane, by the state of queries `[features, valueDim]`, into the lane's output; adds if another panel began. */
export function readValues(call: usize, lane: usize, panel: usize, count: i32, across: usize, adds: bool): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const step = spreadRow(Call.width(call));
  const features = Panel.count(panel);
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let r = 0; r < count; r += PANEL_QUERIES) {
      const keys = Lane.features(lane) + <usize>r * QUERY_ROW;
      const output = Lane.output(lane) + <usize>r * rowBytes + i;
      if (adds) addScoresTile(count - r, keys, across + i, step, output, rowBytes, features);
      else scoresTile(count - r, keys, across + i, step, output, rowBytes, features);
    }
  }
}

/** A panel of a state of the forward pass, transposed, its normaliser as the last row. */
export function transposePanel(call: usize, panel: usize, state: usize, to: usize): void {
  const valueDim = Call.valueDim(call);
  const rowBytes = Panel.transposedRow(panel);
  transpose(state + Panel.rows(panel), <usize>Call.width(call) << 2, Panel.count(panel), valueDim, to, rowBytes);
  memory.copy(to + <usize>valueDim * rowBytes, state + Panel.sums(panel), <usize>Panel.count(panel) << 2);
}

/** A panel of a transposed state of queries as `[features, valueDim]`, without its last row. */
export function transposeBack(call: usize, panel: usize, state: usize, to: usize): void {
  transpose(state, Panel.transposedRow(panel), Call.valueDim(call), Panel.count(panel), to, spreadRow(Call.width(call)));
}

/** Rows that are transposed together: a line of what is written. */
const LINE_ROWS: i32 = 16;

/** Transposes a matrix by blocks of four: reads and writes up to three rows and columns more. */
function transpose(from: usize, fromStep: usize, rows: i32, columns: i32, to: usize, toStep: usize): void {
  for (let first = 0; first < rows; first += LINE_ROWS) {
    for (let c = 0; c < columns; c += 4) {
      let a = from + <usize>first * fromStep + (<usize>c << 2);
      let out = to + <usize>c * toStep + (<usize>first << 2);
      for (let r = first; r < min(rows, first + LINE_ROWS); r += 4) {
        const r0 = v128.load(a), r1 = v128.load(a + fromStep), r2 = v128.load(a + 2 * fromStep), r3 = v128.load(a + 3 * fromStep);
        const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
        const t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(out, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
        v128.store(out + toStep, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
        v128.store(out + 2 * toStep, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
        v128.store(out + 3 * toStep, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
        a += 4 * fromStep;
        out += 16;
      }
    }
  }
}
