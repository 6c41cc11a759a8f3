import type { Made } from "./slope.ts";

/** What rows are made into, `[rows, width]`: a view of each, so that none is made for a pair. */
export function rowsMade(rows: number, width: number): readonly Made[] {
  const [values, moved] = [new Float64Array(rows * width), new Float64Array(rows * width)];
  return Array.from({ length: rows }, (_, row) => ({
    values: values.subarray(row * width, (row + 1) * width),
    moved: moved.subarray(row * width, (row + 1) * width),
  }));
}
