import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { type PlannedMap, rowsComputed } from "./feature-panels.ts";
import { MAP, PANEL_QUERIES, panelRows, TILE } from "./layout.ts";

/** What decides how a call is computed. */
export interface FeatureCall {
  readonly map: PlannedMap;
  readonly shape: Shape;
  readonly causal: boolean;
  readonly threads: number;
  readonly panelKeys: number;
}

/**
 * Operations of a call over all batch entries and heads, with whole panels counted. The normaliser counts as one more column of
 * values, as in the useful work, although it is summed without multiplying. Of features, only products with weights are counted.
 */
export function featureFlops({ map, shape, causal, threads, panelKeys }: FeatureCall): number {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const width = Math.ceil(valueDim / panelKeys) * panelKeys;
  const features = map.panels.reduce((sum, { count }) => sum + count, 0);
  const stateRows = map.panels.reduce((sum, { count }) => sum + rowsComputed(count), 0);
  let sums = 0;
  let reads = 0;
  let triangles = 0;
  for (let first = 0; first < length; first += TILE.queries) {
    const count = Math.min(TILE.queries, length - first);
    const rows = rowsComputed(count);
    const products = projectedColumns(map, panelKeys) * 2 * rows * headDim;
    sums += 2 * (features + stateRows * width) * count + products;
    reads += 2 * (features * count + rows * width * features) + products;
    if (!causal) continue;
    for (let row = 0; row < count; row += PANEL_QUERIES) {
      const keys = Math.min(count, row + PANEL_QUERIES);
      const panels = Math.ceil(keys / panelKeys);
      triangles += 2 * panelRows(count - row) * (panels * panelKeys * features + keys * width);
    }
  }
  // Several threads sum the states of a causal call before they walk it.
  if (causal) return batch * heads * ((threads > 1 ? 2 : 1) * sums + reads + triangles);
  return batch * (kvHeads * sums + heads * reads);
}

/**
 * Columns that a row is multiplied by, with whole panels counted. Where there are several panels of weights of softmaxes, the
 * products of each are made twice: to find the largest of all, and to use them.
 */
export function projectedColumns(
  { map, panels, weights, scaled, width }: PlannedMap,
  panelKeys: number,
): number {
  if (weights === null) return 0;
  const whole = (columns: number): number => Math.ceil(columns / panelKeys) * panelKeys;
  if (map === MAP.taylor) return whole(width);
  const columns = panels.reduce((sum, { first, end }) => sum + whole(end - first), 0);
  return scaled && panels.length > 1 ? 2 * columns : columns;
}

/**
 * Bytes of q, k, v and out that a call reads and writes. A causal one reads v twice, for the triangle of a chunk and for the state,
 * and k and v once more before, if threads are used.
 */
export function featureBytes({ shape, causal, threads }: FeatureCall): number {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const perHead = headDim + valueDim;
  if (!causal) return FLOAT_BYTES * batch * length * perHead * (heads + kvHeads);
  const again = valueDim + (threads > 1 ? perHead : 0);
  return FLOAT_BYTES * batch * heads * length * (2 * perHead + again);
}
