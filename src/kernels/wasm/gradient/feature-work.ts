import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { FeatureSegments } from "../feature-call.ts";
import { type FeatureCall, projectedColumns } from "../feature-map-work.ts";
import { rowsComputed } from "../feature-panels.ts";
import { MAP, PANEL_QUERIES, panelRows, TILE } from "../layout.ts";

/** What decides how a gradient is computed. */
export interface FeatureGradientCall extends FeatureCall {
  readonly segments: FeatureSegments;
}

/**
 * Operations of a gradient over all batch entries and heads, with whole panels counted: products, and what dout is multiplied by.
 * Of features and their slopes, only products with weights are counted.
 */
export function featureGradientFlops(call: FeatureGradientCall): number {
  const { shape, causal, threads, segments } = call;
  const { batch, heads, kvHeads, length, valueDim } = shape;
  let perHead = 0;
  let perKvHead = 0;
  for (let first = 0; first < length; first += TILE.queries) {
    const count = Math.min(TILE.queries, length - first);
    const { making, back, adding, reading, values } = chunkFlops(call, count);
    const ofDout = 3 * valueDim * count;
    if (!causal) {
      perHead += ofDout + making + adding + reading + back;
      perKvHead += making + values + reading + back;
      continue;
    }
    const isLast = first + count === length || (first + count) % segments.tokens === 0;
    const stacked = isLast ? 0 : making + adding;
    const again = threads > 1 && first >= segments.tokens ? ofDout + making + adding : 0;
    const ofPanels = call.map.panels.length * ofDout;
    perHead += ofPanels + stacked + again + 2 * (making + back + reading) + values + adding;
    perHead += pairFlops(call, count);
  }
  return batch * (heads * perHead + kvHeads * perKvHead);
}

/** Of a chunk: what its features are made by, and goes back; adding it to a state, and reading one for slopes and for values. */
function chunkFlops({ map, shape, causal, panelKeys }: FeatureGradientCall, count: number) {
  const { headDim, valueDim } = shape;
  const rows = rowsComputed(count);
  const whole = (columns: number): number => Math.ceil(columns / panelKeys) * panelKeys;
  const columns = map.panels.reduce((sum, panel) => sum + whole(panel.count), 0);
  const features = map.panels.reduce((sum, panel) => sum + panel.count, 0);
  const projected = 2 * rows * headDim * projectedColumns(map, panelKeys);
  // Each panel of a causal chunk is gone through by itself.
  const times = causal && map.map === MAP.taylor ? map.panels.length : 1;
  const timesBack = map.map === MAP.taylor ? map.panels.length : 1;
  const weightRows = map.weights?.rows ?? 0;
  const learned = map.map === MAP.taylor && weightRows > 0 ? rowsComputed(weightRows) * count : 0;
  return {
    making: times * projected,
    back: 2 * whole(headDim) * (rows * weightRows + learned) * timesBack,
    adding: 2 * rowsComputed(valueDim + 1) * columns * count,
    reading: 2 * rows * columns * (valueDim + 1),
    values: 2 * rows * whole(valueDim) * features,
  };
}

/** What the tokens of a causal chunk bring to one another. */
function pairFlops({ map, shape: { valueDim }, panelKeys }: FeatureGradientCall, count: number): number {
  const whole = (columns: number): number => Math.ceil(columns / panelKeys) * panelKeys;
  let flops = 0;
  for (const panel of map.panels) {
    const columns = whole(panel.count);
    for (let key = 0; key < count; key += panelKeys) {
      const first = Math.floor(key / PANEL_QUERIES) * PANEL_QUERIES;
      flops += 2 * rowsComputed(count - first) * panelKeys * (panel.count + valueDim + 1);
    }
    for (let row = 0; row < count; row += PANEL_QUERIES) {
      const computed = 2 * panelRows(count - row);
      flops += computed * Math.min(count, row + PANEL_QUERIES) * columns;
      flops += computed * (count - row) * (columns + whole(valueDim));
    }
  }
  return flops;
}

/**
 * Bytes of q, k, v, out, dout and the gradients that a call reads and writes. A causal one reads k and v once more for the states
 * of keys before each chunk, and where threads are used q, out and dout for those of queries.
 */
export function featureGradientBytes({ shape, causal, threads }: FeatureGradientCall): number {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const ofQueries = 2 * headDim + 2 * valueDim + 1;
  const ofKeys = 2 * (headDim + valueDim);
  if (!causal) return FLOAT_BYTES * batch * length * (heads * ofQueries + kvHeads * ofKeys);
  const again = headDim + valueDim + (threads > 1 ? headDim + 2 * valueDim + 1 : 0);
  return FLOAT_BYTES * batch * heads * length * (ofQueries + ofKeys + again);
}
