import type { FeatureRows } from "./feature-rows.ts";

/** `[softmax(x), softmax(-x)]` over the channels of a row. */
export function softmaxRows(headDim: number): FeatureRows {
  const count = 2 * headDim;
  return {
    count,
    bytes: 0,
    learn() {},
    write(from, at, rows, _position, to) {
      for (let half = 0; half < 2 * rows; half++) {
        const first = at + (half >> 1) * headDim;
        const start = half * headDim;
        const sign = half & 1 ? -1 : 1;
        let largest = sign * from[first];
        for (let c = 1; c < headDim; c++) largest = Math.max(largest, sign * from[first + c]);
        let total = 0;
        for (let c = 0; c < headDim; c++) {
          const weight = Math.exp(sign * from[first + c] - largest);
          to[start + c] = weight;
          total += weight;
        }
        for (let c = 0; c < headDim; c++) to[start + c] /= total;
      }
    },
  };
}
