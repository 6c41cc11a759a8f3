import {
  channelFactor,
  type FeatureMap,
  type Taylor,
  taylorChannels,
} from "../../../../mechanisms/feature-map/declare.ts";
import { Projection } from "../../features/projection.ts";
import { taylorRows } from "../../features/taylor.ts";
import type { FeatureSlopes } from "./feature-slopes.ts";

/** `[1, x', x'_a²/√2, x'_a x'_b]` with a < b, and of a projection also what was learned. */
export function taylorSlopes(mechanism: FeatureMap, feature: Taylor, headDim: number): FeatureSlopes {
  const channels = taylorChannels(feature, headDim);
  const factor = channelFactor(mechanism, headDim);
  const rows = taylorRows(mechanism, feature, headDim, 1);
  const projection = feature.project > 0 ? new Projection(channels, headDim) : null;
  const x = new Float64Array(headDim);
  const projected = projection === null ? x : new Float64Array(channels);
  const ofChannels = new Float64Array(channels);
  const row = new Float64Array(headDim);
  const learned = projection === null ? null : new Float64Array(channels * headDim);
  const scratch = [x, ...(projection === null ? [] : [projected]), ofChannels, row, learned];
  return {
    count: rows.count,
    bytes:
      rows.bytes + (projection?.bytes ?? 0) + scratch.reduce((sum, one) => sum + (one?.byteLength ?? 0), 0),
    learned,
    learn(from, at) {
      rows.learn(from, at);
      projection?.learn(from, at);
    },
    write: (from, at, position, to) => rows.write(from, at, 1, position, to),
    back(of, from, at, _position, to) {
      for (let c = 0; c < headDim; c++) x[c] = from[at + c] * factor;
      projection?.apply(x, 1, projected);
      channelsBack(of, projected, ofChannels);
      if (learned === null) {
        for (let c = 0; c < headDim; c++) to[at + c] = factor * ofChannels[c];
        return;
      }
      projection?.applyBack(ofChannels, row);
      for (let c = 0; c < headDim; c++) to[at + c] = factor * row[c];
      for (let a = 0; a < channels; a++) {
        const value = ofChannels[a];
        for (let c = 0; c < headDim; c++) learned[a * headDim + c] += value * x[c];
      }
    },
  };
}

/** From features, those that are there twice packed, back to the channels. */
function channelsBack(of: Float64Array, x: Float64Array, to: Float64Array): void {
  const channels = to.length;
  for (let a = 0; a < channels; a++) to[a] = of[1 + a];
  let next = 1 + channels;
  for (let a = 0; a < channels; a++) {
    const first = x[a];
    let sum = Math.SQRT2 * first * of[next++];
    for (let b = a + 1; b < channels; b++) {
      const value = of[next++];
      sum += value * x[b];
      to[b] += value * first;
    }
    to[a] += sum;
  }
}
