import type { FeatureRows } from "./feature-rows.ts";
import { Projection } from "./projection.ts";

/** Added to squared lengths, as the map is defined. */
const LEAST_SQUARES = 1e-6;

/** `D^-½ [sin(W x̂), cos(W x̂)]`, of up to `most` rows at a time. */
export function trigonometricRows(projections: number, headDim: number, most: number): FeatureRows {
  const projection = new Projection(projections, headDim);
  const unit = new Float64Array(most * headDim);
  const angles = new Float64Array(most * projections);
  const factor = 1 / Math.sqrt(projections);
  const count = 2 * projections;
  return {
    count,
    bytes: projection.bytes + unit.byteLength + angles.byteLength,
    learn: (from, at) => projection.learn(from, at),
    write(from, at, rows, _position, to) {
      for (let row = 0; row < rows; row++) {
        const first = row * headDim;
        // Starting at 0: a sum that starts with a constant would be kept on the heap.
        let squares = 0;
        for (let c = 0; c < headDim; c++) {
          const x = from[at + first + c];
          unit[first + c] = x;
          squares += x * x;
        }
        const length = Math.sqrt(squares + LEAST_SQUARES);
        for (let c = 0; c < headDim; c++) unit[first + c] /= length;
      }
      projection.apply(unit, rows, angles);
      for (let row = 0; row < rows; row++) {
        for (let r = 0; r < projections; r++) {
          const angle = angles[row * projections + r];
          to[row * count + r] = factor * Math.sin(angle);
          to[row * count + projections + r] = factor * Math.cos(angle);
        }
      }
    },
  };
}
