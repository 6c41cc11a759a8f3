import { channelFactor, type Favor, type FeatureMap } from "../../../../mechanisms/feature-map/declare.ts";
import { Projection } from "../../features/projection.ts";
import type { FeatureSlopes } from "./feature-slopes.ts";

/** The exponents `w_r·x'` of a query, and `w_r·x' - |x'|²/2` of a key. */
export function favorSlopes(
  mechanism: FeatureMap,
  { features }: Favor,
  headDim: number,
  isKey: boolean,
): FeatureSlopes {
  const factor = channelFactor(mechanism, headDim);
  const projection = new Projection(features, headDim);
  const x = new Float64Array(headDim);
  const row = new Float64Array(headDim);
  return {
    count: features,
    bytes: projection.bytes + x.byteLength + row.byteLength,
    learned: null,
    learn: (from, at) => projection.learn(from, at),
    write(from, at, _position, to) {
      let half = 0;
      for (let c = 0; c < headDim; c++) {
        x[c] = from[at + c] * factor;
        half += (x[c] * x[c]) / 2;
      }
      projection.apply(x, 1, to);
      if (isKey) for (let r = 0; r < features; r++) to[r] -= half;
    },
    back(of, from, at, _position, to) {
      let sum = 0;
      if (isKey) for (let r = 0; r < features; r++) sum += of[r];
      projection.applyBack(of, row);
      for (let c = 0; c < headDim; c++) to[at + c] = factor * (row[c] - sum * from[at + c] * factor);
    },
  };
}
