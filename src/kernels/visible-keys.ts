import { type BoundPattern, measure, rowsOf } from "../core/pattern.ts";

/** How many keys each row of a pattern attends. */
export function visibleKeys(pattern: BoundPattern): Float64Array {
  return Float64Array.from({ length: rowsOf(pattern) }, (_, row) => measure(pattern.intervals(row)));
}
