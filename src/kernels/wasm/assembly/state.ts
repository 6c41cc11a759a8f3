import { Call } from "./call";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "./generated/layout";
import { stateTile } from "./generated/micro";
import { Lane } from "./lane";

/**
 * A state of linear attention: `Σ_j φ(k_j) v_jᵀ`, `[d up to a multiple of 6, width]`, and behind it the normaliser
 * `z = Σ_j φ(k_j)`, d up to a multiple of 8.
 */

@inline
function stateRows(d: i32): i32 { return ((d + PANEL_QUERIES - 1) / PANEL_QUERIES) * PANEL_QUERIES; }

/** Where the normaliser of a state begins. */
export function normaliser(call: usize, state: usize): usize {
  return state + (<usize>(stateRows(Call.d(call)) * Call.width(call)) << 2);
}

export function clearState(call: usize, state: usize): void {
  memory.fill(state, 0, Call.stateBytes(call));
}

/** sum = a + b, of `bytes` bytes of numbers, a multiple of 32. */
export function addStates(a: usize, b: usize, sum: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    v128.store(sum + i, f32x4.add(v128.load(a + i, 0), v128.load(b + i, 0)), 0);
    v128.store(sum + i, f32x4.add(v128.load(a + i, 16), v128.load(b + i, 16)), 16);
  }
}

/** state += φ(K)ᵀ·V and z += Σ φ(k) over one chunk, whose φ(K) is in the lane. */
export function addChunk(call: usize, lane: usize, first: i32, count: i32, state: usize): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const valueStep: usize = <usize>d << 2;
  const values = Call.v(call) + <usize>first * valueStep;
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let f = 0; f < d; f += PANEL_QUERIES) {
      const rows = state + <usize>f * rowBytes + i;
      stateTile(d - f, Lane.features(lane) + (<usize>f << 2), values + i, valueStep, rows, rowBytes, count);
    }
  }
  const z = normaliser(call, state);
  for (let i: usize = 0; i < valueStep; i += 32) {
    let a = v128.load(z + i, 0), b = v128.load(z + i, 16);
    let row = Lane.features(lane) + i;
    for (let j = 0; j < count; j++) {
      a = f32x4.add(a, v128.load(row, 0));
      b = f32x4.add(b, v128.load(row, 16));
      row += QUERY_ROW;
    }
    v128.store(z + i, a, 0);
    v128.store(z + i, b, 16);
  }
}

/** φ(q)·z of one query. Both are 0 from d to the next multiple of 8. */
export function divisorOf(query: usize, z: usize, d: i32): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>d << 2; i += 32) {
    a = f32x4.add(a, f32x4.mul(v128.load(query + i, 0), v128.load(z + i, 0)));
    b = f32x4.add(b, f32x4.mul(v128.load(query + i, 16), v128.load(z + i, 16)));
  }
  const sum = f32x4.add(a, b);
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}
