import type { Tokens } from "../walk-schedule.ts";

/**
 * Copies the rows of some tokens out of a `[rows, width]` slice that begins at `base`, into consecutive rows,
 * each number times `factor`.
 */
export function packRows(
  from: Float32Array,
  base: number,
  tokens: Tokens,
  width: number,
  factor: number,
  to: Float64Array,
): void {
  for (let row = 0; row < tokens.count; row++) {
    const source = base + tokens.token(row) * width;
    const target = row * width;
    for (let i = 0; i < width; i++) to[target + i] = from[source + i] * factor;
  }
}

/** The same rows as columns: `to` is `[width, stride]`. Returns whether every number is finite. */
export function packColumns(
  from: Float32Array,
  base: number,
  tokens: Tokens,
  width: number,
  to: Float64Array,
  stride: number,
): boolean {
  let zeroIfFinite = 0;
  for (let row = 0; row < tokens.count; row++) {
    const source = base + tokens.token(row) * width;
    for (let i = 0; i < width; i++) {
      const value = from[source + i];
      zeroIfFinite += value * 0;
      to[i * stride + row] = value;
    }
  }
  return zeroIfFinite === 0;
}
