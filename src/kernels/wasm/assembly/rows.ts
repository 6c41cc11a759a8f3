import { Call } from "./call";
import { PANEL_QUERIES } from "./layout";

/** The online-softmax state of a group of rows: running maximum (in powers of 2), sum of weights, unnormalised output. */

/** Begins a group of rows: no key seen. */
export function clearRows(call: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(Call.maximum(call) + (<usize>r << 2), -Infinity);
    store<f32>(Call.total(call) + (<usize>r << 2), 0);
  }
  const padded = ((rows + PANEL_QUERIES - 1) / PANEL_QUERIES) * PANEL_QUERIES;
  memory.fill(Call.output(call), 0, <usize>(padded * Call.width(call)) << 2);
}

/** Fetches the state that an earlier pass kept. */
export function fetchRows(call: usize, start: i32, step: i32, rows: i32): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < rows; r++) {
    const row: usize = start + r * step;
    store<f32>(Call.maximum(call) + (<usize>r << 2), load<f32>(Call.keptMaximum(call) + (row << 2)));
    store<f32>(Call.total(call) + (<usize>r << 2), load<f32>(Call.keptTotal(call) + (row << 2)));
    memory.copy(Call.output(call) + <usize>r * rowBytes, Call.keptOutput(call) + row * rowBytes, rowBytes);
  }
}

/** Keeps the state for a later pass. */
export function keepRows(call: usize, start: i32, step: i32, rows: i32): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < rows; r++) {
    const row: usize = start + r * step;
    store<f32>(Call.keptMaximum(call) + (row << 2), load<f32>(Call.maximum(call) + (<usize>r << 2)));
    store<f32>(Call.keptTotal(call) + (row << 2), load<f32>(Call.total(call) + (<usize>r << 2)));
    memory.copy(Call.keptOutput(call) + row * rowBytes, Call.output(call) + <usize>r * rowBytes, rowBytes);
  }
}

/** Normalises rows into the output tensor; a row that attended nothing is zero. */
export function writeRows(call: usize, start: i32, step: i32, rows: i32): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const d: usize = Call.d(call);
  for (let r = 0; r < rows; r++) {
    const empty = load<f32>(Call.maximum(call) + (<usize>r << 2)) == -Infinity;
    const inverse: f32 = empty ? 0 : 1 / load<f32>(Call.total(call) + (<usize>r << 2));
    const from = Call.output(call) + <usize>r * rowBytes;
    const to = Call.out(call) + <usize>(start + r * step) * (d << 2);
    for (let i: usize = 0; i < d; i++) store<f32>(to + (i << 2), load<f32>(from + (i << 2)) * inverse);
  }
}
