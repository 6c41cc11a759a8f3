import { Call } from "./call";
import { NORMALISER_relu, NORMALISER_softmax, PANEL_QUERIES } from "./generated/layout";
import { Lane } from "./lane";
import { copyRow, tokenAt } from "./pack";

/**
 * The state of a group of rows: the running maximum (in powers of 2) and the sum of weights of an online softmax, and unnormalised
 * output. With another normaliser the row's own number is in the place of the sum, and does not change.
 */

/**
 * Begins a group of rows, which are entries of a list from `start` on: no key seen, except for a sink, whose score is the number
 * of every row and -∞ if there is none. Their output is cleared or written by whoever comes first to it.
 */
export function clearRows(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  const number = Call.rowNumber(call);
  const numbers = Call.rowNumbers(call);
  const softmax = Call.normaliser(call) == NORMALISER_softmax;
  const total: f32 = softmax ? (number == -Infinity ? 0 : 1) : number;
  for (let r: usize = 0; r < <usize>rows << 2; r += 16) {
    v128.store(Lane.maximum(lane) + r, f32x4.splat(number));
    v128.store(Lane.total(lane) + r, f32x4.splat(total));
  }
  if (numbers == 0) return;
  for (let r = 0; r < rows; r++) {
    store<f32>(Lane.total(lane) + (<usize>r << 2), load<f32>(numbers + (tokenAt(list, start + r) << 2)));
  }
}

/** Clears the output of `rows` rows from row `first` on, up to a whole panel. */
export function clearOutput(call: usize, lane: usize, first: i32, rows: i32): void {
  const width = Call.width(call);
  const padded = ((rows + PANEL_QUERIES - 1) / PANEL_QUERIES) * PANEL_QUERIES;
  memory.fill(Lane.output(lane) + (<usize>(first * width) << 2), 0, <usize>(padded * width) << 2);
}

/** Fetches the state that an earlier pass kept, of `rows` entries of a list from `start` on. */
export function fetchRows(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < rows; r++) {
    const row = tokenAt(list, start + r);
    store<f32>(Lane.maximum(lane) + (<usize>r << 2), load<f32>(Call.keptMaximum(call) + (row << 2)));
    store<f32>(Lane.total(lane) + (<usize>r << 2), load<f32>(Call.keptTotal(call) + (row << 2)));
    copyRow(Call.keptOutput(call) + row * rowBytes, rowBytes, Lane.output(lane) + <usize>r * rowBytes);
  }
}

/** Keeps the state for a later pass. */
export function keepRows(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < rows; r++) {
    const row = tokenAt(list, start + r);
    store<f32>(Call.keptMaximum(call) + (row << 2), load<f32>(Lane.maximum(lane) + (<usize>r << 2)));
    store<f32>(Call.keptTotal(call) + (row << 2), load<f32>(Lane.total(lane) + (<usize>r << 2)));
    copyRow(Lane.output(lane) + <usize>r * rowBytes, rowBytes, Call.keptOutput(call) + row * rowBytes);
  }
}

/** Normalises rows into the output tensor; a row that attended nothing is zero. */
export function writeRows(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const valueDim = Call.valueDim(call);
  for (let r = 0; r < rows; r++) {
    const row = tokenAt(list, start + r);
    writeScaled(Lane.output(lane) + <usize>r * rowBytes, valueDim, factorOf(call, lane, r), Call.out(call) + row * (<usize>valueDim << 2));
  }
}

/** Leaves what the weights of rows are made with once more: their maximum, and what weights relative to it are multiplied by. */
export function leaveSums(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    const to = Call.sums(call) + (tokenAt(list, start + r) << 3);
    store<f32>(to, load<f32>(Lane.maximum(lane) + (<usize>r << 2)), 0);
    store<f32>(to, factorOf(call, lane, r), 4);
  }
}

/** What the output of row r is to be multiplied by. */
@inline
function factorOf(call: usize, lane: usize, r: i32): f32 {
  const total = load<f32>(Lane.total(lane) + (<usize>r << 2));
  const normaliser = Call.normaliser(call);
  if (normaliser == NORMALISER_softmax) return load<f32>(Lane.maximum(lane) + (<usize>r << 2)) == -Infinity ? 0 : 1 / total;
  return normaliser == NORMALISER_relu ? total : 1;
}

/** Writes `count` numbers times a factor, and nothing beyond them. */
export function writeScaled(from: usize, count: i32, factor: f32, to: usize): void {
  const f = f32x4.splat(factor);
  const bytes: usize = <usize>count << 2;
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    v128.store(to + i, f32x4.mul(v128.load(from + i, 0), f), 0);
    v128.store(to + i, f32x4.mul(v128.load(from + i, 16), f), 16);
  }
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i) * factor);
}

/** Adds `count` numbers times a factor, and nothing beyond them. */
export function addScaled(from: usize, count: i32, factor: f32, to: usize): void {
  const f = f32x4.splat(factor);
  const bytes: usize = <usize>count << 2;
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    const a = f32x4.add(v128.load(to + i, 0), f32x4.mul(v128.load(from + i, 0), f));
    const b = f32x4.add(v128.load(to + i, 16), f32x4.mul(v128.load(from + i, 16), f));
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i) * factor);
}
