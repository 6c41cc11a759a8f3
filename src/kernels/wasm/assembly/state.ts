import { Call } from "./call";
import { isScaled } from "./features";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "./generated/layout";
import { stateTile } from "./generated/micro";
import { Lane } from "./lane";
import { clearScales, joinScaled } from "./maps/favor";
import { Panel } from "./panel";

/**
 * A state of linear attention: `Σ_j φ(k_j) v_jᵀ`, `[features, width]`, behind it the normaliser `z = Σ_j φ(k_j)`, and where features
 * are weights of softmaxes the exponents that both are in. Each panel of features fills up its own part: rows to a whole panel of
 * the micro-kernel's, the others to a multiple of 8.
 */
export function clearState(call: usize, state: usize): void {
  memory.fill(state, 0, Call.stateBytes(call));
  if (isScaled(call)) clearScales(call, state);
}

/** sum = a + b; it may be either. */
export function addStates(call: usize, lane: usize, a: usize, b: usize, sum: usize): void {
  if (!isScaled(call)) {
    addNumbers(a, b, sum, Call.stateBytes(call));
    return;
  }
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    joinScaled(call, panel, a, b, sum + Panel.rows(panel), sum + Panel.sums(panel), sum + Panel.scales(panel), Lane.mapScratch(lane));
  }
}

/** The same of one panel, into the lane's state: its rows, its normaliser, its exponents. */
export function addPanels(call: usize, lane: usize, panel: usize, a: usize, b: usize): void {
  const rows = Lane.state(lane);
  const sums = panelSums(lane, panel);
  if (isScaled(call)) {
    joinScaled(call, panel, a, b, rows, sums, panelScales(lane, panel), Lane.mapScratch(lane));
    return;
  }
  addNumbers(a + Panel.rows(panel), b + Panel.rows(panel), rows, Panel.rowsBytes(panel));
  addNumbers(a + Panel.sums(panel), b + Panel.sums(panel), sums, Panel.rowBytes(panel));
}

/** Where the normaliser of the lane's state is, and its exponents. */
@inline
export function panelSums(lane: usize, panel: usize): usize { return Lane.state(lane) + Panel.rowsBytes(panel); }
@inline
export function panelScales(lane: usize, panel: usize): usize { return panelSums(lane, panel) + Panel.rowBytes(panel); }

/** sum = a + b, of `bytes` bytes of numbers, a multiple of 32. */
export function addNumbers(a: usize, b: usize, sum: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    v128.store(sum + i, f32x4.add(v128.load(a + i, 0), v128.load(b + i, 0)), 0);
    v128.store(sum + i, f32x4.add(v128.load(a + i, 16), v128.load(b + i, 16)), 16);
  }
}

/** state += φ(K)ᵀ·V and z += Σ φ(k) over one chunk and one panel, whose φ(K) is in the lane. */
export function addChunk(call: usize, lane: usize, panel: usize, first: i32, count: i32, state: usize): void {
  const features = Panel.count(panel);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const valueStep: usize = <usize>Call.valueDim(call) << 2;
  const values = Call.v(call) + <usize>first * valueStep;
  const start = state + Panel.rows(panel);
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    for (let f = 0; f < features; f += PANEL_QUERIES) {
      const rows = start + <usize>f * rowBytes + i;
      stateTile(features - f, Lane.features(lane) + (<usize>f << 2), values + i, valueStep, rows, rowBytes, count);
    }
  }
  const z = state + Panel.sums(panel);
  for (let i: usize = 0; i < Panel.rowBytes(panel); i += 32) {
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

/** φ(q)·z of one query in one panel of `bytes` bytes, filled up with 0. */
export function divisorOf(query: usize, z: usize, bytes: usize): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    a = f32x4.add(a, f32x4.mul(v128.load(query + i, 0), v128.load(z + i, 0)));
    b = f32x4.add(b, f32x4.mul(v128.load(query + i, 16), v128.load(z + i, 16)));
  }
  const sum = f32x4.add(a, b);
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/**
 * What sums are multiplied by. A query that shares no feature with any key, where nothing is added to its divisor, has sums of 0:
 * its output is 0, and not 0 times infinity.
 */
export function inverseOf(divisor: f32): f32 {
  return divisor == 0 ? 0 : 1 / divisor;
}
