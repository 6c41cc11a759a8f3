import type { OutputTensor } from "../core/outputs.ts";
import { placeAt } from "../core/outputs.ts";
import type { RowPlace } from "../core/rows.ts";

/** Rows named by each measure. */
const ROWS = 4;

/**
 * The rows in which two outputs of the same numbers differ most, absolutely and relative to the size of the row, in each
 * tensor; none if they are bit-identical. Rounding makes all rows differ a
 * little: a row that is wrong stands out among them, and the reference says of those few which of the two
 * outputs it is. Rows of `without`, counted in the order in which they lie, may differ rightly by more, and are left out.
 */
export function unlikeRows(
  a: Float32Array,
  b: Float32Array,
  outputs: readonly OutputTensor[],
  without: ReadonlySet<number> = new Set(),
): RowPlace[] {
  let counted = 0;
  return outputs.flatMap(({ layout, offset }) => {
    const { batch, heads, rows, width } = layout;
    const absolute = new Most(ROWS);
    const relative = new Most(ROWS);
    for (let row = 0; row < batch * heads * rows; row++) {
      if (without.has(counted++)) continue;
      const from = offset + row * width;
      let difference = 0;
      let size = 0;
      for (let at = from; at < from + width; at++) {
        if (a[at] === b[at]) continue;
        difference = Math.max(difference, distance(a[at], b[at]));
        size = Math.max(size, Math.abs(b[at]));
      }
      if (difference === 0) continue;
      absolute.offer(row, difference);
      relative.offer(row, size > 0 ? difference / size : Number.POSITIVE_INFINITY);
    }
    return [...new Set([...absolute.rows, ...relative.rows])].map((row) =>
      placeAt(outputs, offset + row * width),
    );
  });
}

/** The few rows with the largest figures. */
class Most {
  readonly #kept: { row: number; figure: number }[] = [];
  readonly #many: number;

  constructor(many: number) {
    this.#many = many;
  }

  offer(row: number, figure: number): void {
    const full = this.#kept.length === this.#many;
    if (full && !(figure > this.#kept[this.#many - 1].figure)) return;
    if (full) this.#kept.pop();
    const place = this.#kept.findIndex((one) => figure > one.figure);
    this.#kept.splice(place < 0 ? this.#kept.length : place, 0, { row, figure });
  }

  get rows(): number[] {
    return this.#kept.map(({ row }) => row);
  }
}

/** Two NaNs agree; a single NaN, or an infinity, is as far off as can be. */
function distance(a: number, b: number): number {
  if (Number.isNaN(a) && Number.isNaN(b)) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
