import { Projection } from "../../features/projection.ts";
import type { FeatureSlopes } from "./feature-slopes.ts";

/** Added to squared lengths, as the map is defined. */
const LEAST_SQUARES = 1e-6;

/** `D^-½ [sin(W x̂), cos(W x̂)]`, x̂ the row brought to length 1. */
export function trigonometricSlopes(projections: number, headDim: number): FeatureSlopes {
  const projection = new Projection(projections, headDim);
  const unit = new Float64Array(headDim);
  const angles = new Float64Array(projections);
  const row = new Float64Array(headDim);
  const size = new Float64Array(1);
  const factor = 1 / Math.sqrt(projections);

  /** Angles of a row, whose length goes into `size`. */
  function turn(from: Float32Array, at: number): void {
    let squares = 0;
    for (let c = 0; c < headDim; c++) squares += from[at + c] * from[at + c];
    size[0] = Math.sqrt(squares + LEAST_SQUARES);
    for (let c = 0; c < headDim; c++) unit[c] = from[at + c] / size[0];
    projection.apply(unit, 1, angles);
  }

  return {
    count: 2 * projections,
    bytes: projection.bytes + unit.byteLength + angles.byteLength + row.byteLength + size.byteLength,
    learned: null,
    learn: (from, at) => projection.learn(from, at),
    write(from, at, _position, to) {
      turn(from, at);
      for (let r = 0; r < projections; r++) {
        to[r] = factor * Math.sin(angles[r]);
        to[projections + r] = factor * Math.cos(angles[r]);
      }
    },
    back(of, from, at, _position, to) {
      turn(from, at);
      for (let r = 0; r < projections; r++) {
        angles[r] = factor * (of[r] * Math.cos(angles[r]) - of[projections + r] * Math.sin(angles[r]));
      }
      projection.applyBack(angles, row);
      let along = 0;
      for (let c = 0; c < headDim; c++) along += unit[c] * row[c];
      for (let c = 0; c < headDim; c++) to[at + c] = (row[c] - unit[c] * along) / size[0];
    },
  };
}
