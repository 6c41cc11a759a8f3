import type { Pattern } from "../core/pattern.ts";
import type { Problem } from "../core/problem.ts";
import type { RowPlace } from "../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../core/shape.ts";
import { bindHeads } from "../pattern/bind.ts";

/**
 * Rows of the mean of v over the keys that a pattern attends, each `[valueDim]`, in float64: attention whose
 * scores are all alike. Zero where nothing is attended.
 */
export function meanRows(
  { inputs, ...task }: Problem,
  pattern: Pattern,
  places: readonly RowPlace[],
): Float64Array[] {
  const { v, shape } = inputs;
  const { length, valueDim } = shape;
  const patterns = bindHeads({ pattern }, task);
  const layout = layoutOf(shape, "v");
  return places.map(({ batch, head, row }) => {
    const mean = new Float64Array(valueDim);
    const first = offsetIn(layout, batch, kvHeadOf(shape, head), 0);
    let keys = 0;
    for (let key = 0; key < length; key++) {
      if (!patterns[head].attends(row, key)) continue;
      keys++;
      for (let i = 0; i < valueDim; i++) mean[i] += v[first + key * valueDim + i];
    }
    return keys === 0 ? mean : mean.map((sum) => sum / keys);
  });
}
