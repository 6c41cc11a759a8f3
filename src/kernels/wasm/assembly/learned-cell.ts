import { Call } from "./call";
import { CELL_lstm, CELL_TOKENS, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, TANH_WORDS } from "./generated/layout";
import { addBlock, BLOCK } from "./generated/matrix-vector";
import { multiplyAdd, scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { copyRow, copyRows } from "./pack";
import { laySigmoid, sigmoidFloats } from "./sigmoid";
import { layTanh, tanh, tanhLaid } from "./tanh";

/**
 * Takes `count` rows of v into an Elman network or an LSTM, and writes an output for each, or none if `out` is 0. Products with the
 * tokens are made for a chunk of them at once; those with the state, one token after the other, are a matrix times a vector, whose
 * matrix stays near the core.
 *
 * Weights of a head: W in panels `[columns / PANEL_KEYS, d, PANEL_KEYS]`, and behind it U in blocks `[columns / block, d, block]`.
 * Columns are those of the gates i, f, o, g, each d up to a multiple of 8, then zeros up to a whole block. The state is h, and
 * behind it c.
 */
export function advanceLearned(call: usize, lane: usize, slice: i32, v: usize, out: usize, count: i32): void {
  const d = Call.d(call);
  const bytes: usize = <usize>d << 2;
  const row: usize = (<usize>d + 7 & ~7) << 2;
  const columns: usize = <usize>Call.width(call) << 2;
  const weights = Call.cellWeights(call) + <usize>(slice % Call.cellHeads(call)) * Call.cellWeightBytes(call);
  const back = weights + columns * d;
  const h = Call.state(call, slice);
  const c = h + row;
  const table = Lane.exact(lane);
  const sigmoids = table + (<usize>TANH_WORDS << 2);
  layTanh(table);
  laySigmoid(sigmoids);
  for (let first = 0; first < count; first += CELL_TOKENS) {
    const tokens = min(CELL_TOKENS, count - first);
    copyRows(v + <usize>first * bytes, bytes, tokens, bytes, Lane.queries(lane), QUERY_ROW);
    readTokens(lane, weights, columns, d, tokens);
    for (let t = 0; t < tokens; t++) {
      const sums = Lane.output(lane) + <usize>t * columns;
      for (let i: usize = 0; i < columns; i += BLOCK) addBlock(h, back + i * d, BLOCK, d, sums + i);
      if (Call.cell(call) == CELL_lstm) {
        sigmoidFloats(sums, <i32>(3 * row >> 2), sigmoids);
        tanhLaid(sums + 3 * row, <i32>(row >> 2), sums + 3 * row, table);
        closeGates(sums, row, h, c, table);
      } else {
        tanhLaid(sums, <i32>(row >> 2), h, table);
      }
      if (out != 0) writeState(h, bytes, out + <usize>(first + t) * bytes);
    }
  }
}

/** Products of a chunk of tokens with W: `[CELL_TOKENS, columns]`. */
function readTokens(lane: usize, weights: usize, columns: usize, d: i32, tokens: i32): void {
  const panel: usize = PANEL_KEYS << 2;
  for (let i: usize = 0; i < columns; i += panel) {
    for (let r = 0; r < tokens; r += PANEL_QUERIES) {
      const sums = Lane.output(lane) + <usize>r * columns + i;
      scoresTile(tokens - r, Lane.queries(lane) + <usize>r * QUERY_ROW, weights + i * d, panel, sums, columns, d);
    }
  }
}

/** `c ← f c + i g`, `h = o tanh(c)`, of gates i, f, o and g that lie `row` bytes apart. */
function closeGates(gates: usize, row: usize, h: usize, c: usize, table: usize): void {
  const p4 = v128.load32_splat(table, 0), p3 = v128.load32_splat(table, 4), p2 = v128.load32_splat(table, 8);
  const p1 = v128.load32_splat(table, 12), q4 = v128.load32_splat(table, 16), q3 = v128.load32_splat(table, 20);
  const q2 = v128.load32_splat(table, 24), q1 = v128.load32_splat(table, 28), one = v128.load32_splat(table, 32);
  const least = v128.load32_splat(table, 36), most = v128.load32_splat(table, 40);
  const forget = gates + row;
  const shown = forget + row;
  const written = shown + row;
  for (let i: usize = 0; i < row; i += 32) {
    const a = multiplyAdd(v128.load(gates + i, 0), v128.load(written + i, 0), f32x4.mul(v128.load(forget + i, 0), v128.load(c + i, 0)));
    const b = multiplyAdd(v128.load(gates + i, 16), v128.load(written + i, 16), f32x4.mul(v128.load(forget + i, 16), v128.load(c + i, 16)));
    const s = f32x4.mul(v128.load(shown + i, 0), tanh(a, p4, p3, p2, p1, q4, q3, q2, q1, one, least, most));
    const t = f32x4.mul(v128.load(shown + i, 16), tanh(b, p4, p3, p2, p1, q4, q3, q2, q1, one, least, most));
    v128.store(c + i, a, 0);
    v128.store(c + i, b, 16);
    v128.store(h + i, s, 0);
    v128.store(h + i, t, 16);
  }
}

/** Copies `bytes` bytes of a state, and not a number more: what lies beyond may be another thread's. */
function writeState(h: usize, bytes: usize, out: usize): void {
  const whole = bytes & ~31;
  if (whole > 0) copyRow(h, whole, out);
  for (let i = whole; i < bytes; i += 4) store<f32>(out + i, load<f32>(h + i));
}
