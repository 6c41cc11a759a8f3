import type { FeatureRows } from "./feature-rows.ts";

/** `r ⊙ roll(r, t)`, t = 1 … rolls, of r = [relu(x), relu(-x)]. */
export function rolledRows(rolls: number, headDim: number): FeatureRows {
  const width = 2 * headDim;
  const count = rolls * width;
  const rectified = new Float64Array(width);
  return {
    count,
    bytes: rectified.byteLength,
    learn() {},
    write(from, at, rows, _position, to) {
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < headDim; c++) {
          const x = from[at + row * headDim + c];
          rectified[c] = Math.max(x, 0);
          rectified[headDim + c] = Math.max(-x, 0);
        }
        for (let roll = 1; roll <= rolls; roll++) {
          const start = row * count + (roll - 1) * width;
          // Where the roll begins it reads the end, and rolls may be longer than a row.
          let other = width - 1 - ((roll - 1) % width);
          for (let c = 0; c < width; c++) {
            to[start + c] = rectified[c] * rectified[other];
            other = other + 1 === width ? 0 : other + 1;
          }
        }
      }
    },
  };
}
