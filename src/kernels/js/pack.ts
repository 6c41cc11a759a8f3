import type { Steps } from "../schedule-writer.ts";

/**
 * Copies the rows of `steps` out of a `[length, headDim]` slice that begins at `base`, into consecutive rows,
 * each number times `factor`.
 */
export function packRows(
  from: Float32Array,
  base: number,
  { start, step, count }: Steps,
  headDim: number,
  factor: number,
  to: Float64Array,
): void {
  for (let row = 0; row < count; row++) {
    const source = base + (start + row * step) * headDim;
    const target = row * headDim;
    for (let i = 0; i < headDim; i++) to[target + i] = from[source + i] * factor;
  }
}

/** The same rows as columns: `to` is `[headDim, stride]`. Returns whether every number is finite. */
export function packColumns(
  from: Float32Array,
  base: number,
  { start, step, count }: Steps,
  headDim: number,
  to: Float64Array,
  stride: number,
): boolean {
  let zeroIfFinite = 0;
  for (let row = 0; row < count; row++) {
    const source = base + (start + row * step) * headDim;
    for (let i = 0; i < headDim; i++) {
      const value = from[source + i];
      zeroIfFinite += value * 0;
      to[i * stride + row] = value;
    }
  }
  return zeroIfFinite === 0;
}
