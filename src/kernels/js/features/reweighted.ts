import type { FeatureRows } from "./feature-rows.ts";

/** `relu(x) ⊗ [cos θ, sin θ]`, θ = π·position / 2M. */
export function reweightedRows(horizon: number, headDim: number): FeatureRows {
  const count = 2 * headDim;
  return {
    count,
    bytes: 0,
    learn() {},
    write(from, at, rows, position, to) {
      for (let row = 0; row < rows; row++) {
        const angle = (Math.PI * (position + row)) / (2 * horizon);
        const cosine = Math.cos(angle);
        const sine = Math.sin(angle);
        for (let c = 0; c < headDim; c++) {
          const x = from[at + row * headDim + c];
          const positive = Math.max(x, 0);
          to[row * count + c] = positive * cosine;
          to[row * count + headDim + c] = positive * sine;
        }
      }
    },
  };
}
