import { Call } from "./call";
import { allFinite } from "./finite";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "./generated/layout";
import { addScoresTile, scoresTile, valuesTile } from "./generated/micro";
import { Lane } from "./lane";
import { addAttendedValues } from "./mask";
import { packPanels } from "./pack";

/** Adds to a chunk's sums and divisors what its own keys up to the query give. φ(Q)·φ(K)ᵀ is in the lane. */
export function addTriangle(call: usize, lane: usize, first: i32, count: i32): void {
  const valueDim = Call.valueDim(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const valueStep: usize = <usize>valueDim << 2;
  const values = Call.v(call) + <usize>first * valueStep;
  for (let r = 0; r < count; r++) {
    const weights = Lane.scores(lane) + <usize>r * SCORE_ROW;
    const divisor = Lane.divisors(lane) + (<usize>r << 2);
    // Columns up to the end of the panel of queries are read below, and up to the next multiple of 8 by the sum.
    const end = max((r / PANEL_QUERIES + 1) * PANEL_QUERIES, (r + 8) & ~7);
    for (let c = r + 1; c < end; c++) store<f32>(weights + (<usize>c << 2), 0);
    store<f32>(divisor, load<f32>(divisor) + sumOf(weights, (r + 8) & ~7));
  }
  if (allFinite(values, count * valueDim)) {
    for (let r = 0; r < count; r += PANEL_QUERIES) {
      const weights = Lane.scores(lane) + <usize>r * SCORE_ROW;
      const output = Lane.output(lane) + <usize>r * rowBytes;
      const keys = min(count, r + PANEL_QUERIES);
      for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
        valuesTile(count - r, weights, values + i, valueStep, output + i, rowBytes, keys);
      }
    }
    return;
  }
  for (let r = 0; r < count; r++) {
    const weights = Lane.scores(lane) + <usize>r * SCORE_ROW;
    addAttendedValues(weights, 0, 0, r + 1, values, valueStep, Lane.output(lane) + <usize>r * rowBytes, rowBytes);
  }
}

/** The sum of `count` numbers, a multiple of 8. */
function sumOf(p: usize, count: i32): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0);
  for (let i = 0; i < count; i += 8) {
    a = f32x4.add(a, v128.load(p, 0));
    b = f32x4.add(b, v128.load(p, 16));
    p += 32;
  }
  const sum = f32x4.add(a, b);
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/** φ(Q)·φ(K)ᵀ of the panels on and below the diagonal, over a panel of features that are in the lane; adds to those before. */
export function addScores(lane: usize, count: i32, features: i32, begins: bool): void {
  packPanels(Lane.features(lane), QUERY_ROW, count, features, 1, Lane.panels(lane));
  const panelBytes: usize = <usize>(features * PANEL_KEYS) << 2;
  for (let j = 0; j < count; j += PANEL_KEYS) {
    const keys = Lane.panels(lane) + <usize>(j / PANEL_KEYS) * panelBytes;
    for (let r = 0; r < count; r += PANEL_QUERIES) {
      if (j >= r + PANEL_QUERIES) continue;
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>j << 2);
      const queries = Lane.queries(lane) + <usize>r * QUERY_ROW;
      if (begins) scoresTile(count - r, queries, keys, PANEL_KEYS << 2, scores, SCORE_ROW, features);
      else addScoresTile(count - r, queries, keys, PANEL_KEYS << 2, scores, SCORE_ROW, features);
    }
  }
}
