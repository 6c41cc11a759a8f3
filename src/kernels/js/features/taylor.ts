import {
  channelFactor,
  type FeatureMap,
  type Taylor,
  taylorChannels,
} from "../../../mechanisms/feature-map/declare.ts";
import type { FeatureRows } from "./feature-rows.ts";
import { Projection } from "./projection.ts";

/**
 * `[1, x', x'_a²/√2, x'_a x'_b]` with a < b: x_a x_b and x_b x_a are one feature, so that there are about half
 * as many as the outer product has, and products are the same.
 */
export function taylorRows(
  mechanism: FeatureMap,
  feature: Taylor,
  headDim: number,
  most: number,
): FeatureRows {
  const channels = taylorChannels(feature, headDim);
  const count = packedFeatures(channels);
  const factor = channelFactor(mechanism, headDim);
  const projection = feature.project > 0 ? new Projection(channels, headDim) : null;
  const x = new Float64Array(most * headDim);
  const projected = projection === null ? x : new Float64Array(most * channels);
  return {
    count,
    bytes: x.byteLength + (projection === null ? 0 : projection.bytes + projected.byteLength),
    learn: (from, at) => projection?.learn(from, at),
    write(from, at, rows, _position, to) {
      for (let i = 0; i < rows * headDim; i++) x[i] = from[at + i] * factor;
      projection?.apply(x, rows, projected);
      for (let row = 0; row < rows; row++) writeRow(projected, row * channels, channels, to, row * count);
    },
  };
}

/** Features of so many channels without those that are there twice. */
function packedFeatures(channels: number): number {
  return 1 + channels + (channels * (channels + 1)) / 2;
}

function writeRow(x: Float64Array, at: number, channels: number, to: Float64Array, toAt: number): void {
  to[toAt] = 1;
  let next = toAt + 1;
  for (let a = 0; a < channels; a++) to[next++] = x[at + a];
  for (let a = 0; a < channels; a++) {
    const first = x[at + a];
    to[next++] = first * first * Math.SQRT1_2;
    for (let b = a + 1; b < channels; b++) to[next++] = first * x[at + b];
  }
}
