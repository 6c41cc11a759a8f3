import type { TileMaskWords } from "../../walk-schedule.ts";
import { addProduct } from "../product.ts";

/** Rows of numbers that lie one after the other, `[count, width]`. */
export interface PackedRows {
  readonly values: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** Room for a factor and rows turned on their sides, so that products run along both. */
export interface Turned {
  readonly pairs: Float64Array;
  readonly columns: Float64Array;
}

/** Pairs of a tile, `[rows, stride]`. */
export interface Pairs {
  readonly values: Float64Array;
  readonly stride: number;
  readonly mask: TileMaskWords | null;
}

/** `to[row] += Σ_key pairs[row, key] keys[key]`. */
export function addToRows(
  { values, stride, mask }: Pairs,
  rows: number,
  keys: PackedRows,
  to: Float64Array,
  { columns }: Turned,
): void {
  const { width, count } = keys;
  if (!turn(keys.values, count, width, width, columns, count) && mask !== null) {
    addAttended(rows, keys, to, (row, key) => (mask.attends(row, key) ? values[row * stride + key] : null));
    return;
  }
  addProduct(values, 0, stride, columns, count, to, 0, width, rows, width, count);
}

/** `to[key] += Σ_row pairs[row, key] rows[row]`. */
export function addToKeys(
  { values, stride, mask }: Pairs,
  keys: number,
  rows: PackedRows,
  to: Float64Array,
  { pairs, columns }: Turned,
): void {
  const { width, count } = rows;
  if (!turn(rows.values, count, width, width, columns, count) && mask !== null) {
    addAttended(keys, rows, to, (key, row) => (mask.attends(row, key) ? values[row * stride + key] : null));
    return;
  }
  turn(values, count, keys, stride, pairs, count);
  addProduct(pairs, 0, count, columns, count, to, 0, width, keys, width, count);
}

/**
 * The same products of attended pairs only, summed in the same order: where a row is not finite, even a factor of 0 would
 * spread it to those that do not attend it.
 */
function addAttended(
  outer: number,
  { values, count, width }: PackedRows,
  to: Float64Array,
  factor: (outer: number, inner: number) => number | null,
): void {
  for (let one = 0; one < outer; one++) {
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let other = 0; other < count; other++) {
        const times = factor(one, other);
        if (times !== null) sum += times * values[other * width + i];
      }
      to[one * width + i] += sum;
    }
  }
}

/** Writes `[count, width]` as `[width, toStride]`. Returns whether every number is finite. */
function turn(
  from: Float64Array,
  count: number,
  width: number,
  stride: number,
  to: Float64Array,
  toStride: number,
): boolean {
  let zeroIfFinite = 0;
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < width; i++) {
      const value = from[row * stride + i];
      zeroIfFinite += value * 0;
      to[i * toStride + row] = value;
    }
  }
  return zeroIfFinite === 0;
}
