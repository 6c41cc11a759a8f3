import type { FeatureRows } from "./feature-rows.ts";

/** `[softmax(x), softmax(-x)]` over the channels of a row. */
export function softmaxRows(headDim: number): FeatureRows {
  const count = 2 * headDim;
  return {
    count,
    bytes: 0,
    learn() {},
    write(from, at, rows, _position, to) {
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < headDim; c++) {
          const x = from[at + row * headDim + c];
          to[row * count + c] = x;
          to[row * count + headDim + c] = -x;
        }
      }
      for (let start = 0; start < rows * count; start += headDim) softmax(to, start, headDim);
    },
  };
}

function softmax(x: Float64Array, from: number, count: number): void {
  let largest = x[from];
  for (let c = 1; c < count; c++) largest = Math.max(largest, x[from + c]);
  let total = 0;
  for (let c = 0; c < count; c++) {
    const weight = Math.exp(x[from + c] - largest);
    x[from + c] = weight;
    total += weight;
  }
  for (let c = 0; c < count; c++) x[from + c] /= total;
}
