import { Call } from "./call";
import { PANEL_QUERIES } from "./generated/layout";
import { Lane } from "./lane";
import { copyRow, tokenAt } from "./pack";

/** The online-softmax state of a group of rows: running maximum (in powers of 2), sum of weights, unnormalised output. */

/** Begins a group of rows: no key seen. Their output is cleared or written by whoever comes first to it. */
export function clearRows(lane: usize, rows: i32): void {
  for (let r: usize = 0; r < <usize>rows << 2; r += 16) {
    v128.store(Lane.maximum(lane) + r, f32x4.splat(-Infinity));
    v128.store(Lane.total(lane) + r, f32x4.splat(0));
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
    const empty = load<f32>(Lane.maximum(lane) + (<usize>r << 2)) == -Infinity;
    const inverse: f32 = empty ? 0 : 1 / load<f32>(Lane.total(lane) + (<usize>r << 2));
    const row = tokenAt(list, start + r);
    writeScaled(Lane.output(lane) + <usize>r * rowBytes, valueDim, inverse, Call.out(call) + row * (<usize>valueDim << 2));
  }
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
