import { Call } from "../../call";
import { PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW } from "../../generated/layout";
import { outerTile, scoresTile } from "../../generated/micro";
import { Lane } from "../../lane";
import { copyRow } from "../../pack";
import { add, clear } from "../keys";
import { writeOuter } from "../outer";
import { ConvolutionBack, tokenOf } from "./words";

/** Rows whose products are summed by themselves: one sum of all would lose the last digits. */
const CHAIN_ROWS = 2 * QUERIES;

/** Bytes of a panel of channels of one token. */
const PANEL_BYTES: usize = <usize>PANEL_KEYS << 2;

/**
 * A panel of channels, from `first` on, of the values and of their weights: threads share out panels, so that no two add to the same
 * token. Of every tap the rows that have a token there are brought together, some at a time, with what comes to them: that times the tap
 * turned round goes to the tokens' dv, and the tokens times that to the tap's gradient.
 */
export function panelOfTaps(call: usize, lane: usize, first: i32): void {
  const b = Call.gradient(call);
  const d = Call.valueDim(call);
  const matrix: usize = <usize>(d * d) << 2;
  const packed: usize = <usize>((d + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS * d) << 2;
  for (let tap = 0; tap < Call.taps(call); tap++) {
    const turned = ConvolutionBack.packed(b) + <usize>tap * packed + (<usize>(first * d) << 2);
    const to = ConvolutionBack.dweights(b) + <usize>tap * matrix;
    goThrough(call, lane, tap, first, Call.v(call), ConvolutionBack.along(b), turned, to);
  }
}

/** The same of a network's second layer, whose gradient alone is asked: of each row its own hidden units, as they are after the rectifier. */
export function panelOfSecond(call: usize, lane: usize, first: i32): void {
  const b = Call.gradient(call);
  goThrough(call, lane, -1, first, ConvolutionBack.hidden(b), Call.out(call), 0, ConvolutionBack.dmore(b));
}

/** `tap` is -1 where a row's token is itself. */
function goThrough(call: usize, lane: usize, tap: i32, first: i32, values: usize, along: usize, turned: usize, to: usize): void {
  const d = Call.valueDim(call);
  const count = min(PANEL_KEYS, d - first);
  const length = Call.length(call);
  const sums = Lane.output(lane), part = Lane.state(lane);
  clearSums(sums, d);
  clearSums(part, d);
  let summed = 0;
  for (let row = 0; row < length; row += QUERIES) {
    const rows = bringIn(call, lane, tap, row, min(QUERIES, length - row), first, values, along);
    if (rows == 0) continue;
    addOuter(lane, rows, d, part);
    if (turned != 0) addToTokens(call, lane, rows, first, count, turned);
    summed += rows;
    if (summed < CHAIN_ROWS) continue;
    addSums(part, sums, d);
    clearSums(part, d);
    summed = 0;
  }
  addSums(part, sums, d);
  writeOuter(sums, count, d, to + (<usize>(first * d) << 2), ConvolutionBack.adds(Call.gradient(call)));
}

/** Brings rows together that have a token and to which anything comes: rows of what comes, panels of tokens, and which those are. */
function bringIn(call: usize, lane: usize, tap: i32, first: i32, rows: i32, channel: i32, values: usize, along: usize): i32 {
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  let count = 0;
  for (let row = first; row < first + rows; row++) {
    const token = tap < 0 ? row : tokenOf(call, row, tap);
    const from = along + <usize>row * bytes;
    if (token < 0 || isZero(from, bytes)) continue;
    copyRow(from, bytes, Lane.queries(lane) + <usize>count * QUERY_ROW);
    copyRow(values + <usize>token * bytes + (<usize>channel << 2), PANEL_BYTES, Lane.features(lane) + <usize>count * PANEL_BYTES);
    store<i32>(Lane.order(lane) + (<usize>count << 2), token);
    count++;
  }
  return count;
}

function isZero(from: usize, bytes: usize): bool {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) if (v128.any_true(f32x4.ne(v128.load(from + i), f32x4.splat(0)))) return false;
  for (; i < bytes; i += 4) if (load<f32>(from + i) != 0) return false;
  return true;
}

/** Adds the tokens of a lane times what comes to their rows, a row of sums for each channel of the panel. */
function addOuter(lane: usize, rows: i32, d: i32, to: usize): void {
  for (let c = 0; c < PANEL_KEYS; c += PANEL_QUERIES) {
    for (let i: usize = 0; i < <usize>d << 2; i += PANEL_BYTES) {
      outerTile(
        PANEL_KEYS - c, Lane.features(lane) + (<usize>c << 2), PANEL_BYTES, Lane.queries(lane) + i, QUERY_ROW, to + <usize>c * QUERY_ROW + i, QUERY_ROW, rows,
      );
    }
  }
}

/** Adds what comes to the rows, times the tap, to the channels of their tokens. */
function addToTokens(call: usize, lane: usize, rows: i32, first: i32, count: i32, turned: usize): void {
  const d = Call.valueDim(call);
  const bytes: usize = <usize>d << 2;
  const products = Lane.projected(lane);
  for (let r = 0; r < rows; r += PANEL_QUERIES) {
    scoresTile(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, turned, PANEL_BYTES, products + <usize>r * PANEL_BYTES, PANEL_BYTES, d);
  }
  const dv = ConvolutionBack.dv(Call.gradient(call)) + (<usize>first << 2);
  for (let r = 0; r < rows; r++) {
    const to = dv + <usize>load<i32>(Lane.order(lane) + (<usize>r << 2)) * bytes;
    const from = products + <usize>r * PANEL_BYTES;
    if (count == PANEL_KEYS) add(from, PANEL_BYTES, to);
    else for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
  }
}

/** Sums of a panel's channels, rows `QUERY_ROW` bytes apart, up to whole panels of queries. */
const SUM_ROWS: i32 = (PANEL_KEYS + PANEL_QUERIES - 1) / PANEL_QUERIES * PANEL_QUERIES;

@inline
function wholeBytes(d: i32): usize { return <usize>((d + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS) << 2; }

function clearSums(sums: usize, d: i32): void {
  for (let r = 0; r < SUM_ROWS; r++) clear(sums + <usize>r * QUERY_ROW, wholeBytes(d));
}

function addSums(from: usize, to: usize, d: i32): void {
  for (let r = 0; r < SUM_ROWS; r++) add(from + <usize>r * QUERY_ROW, wholeBytes(d), to + <usize>r * QUERY_ROW);
}
