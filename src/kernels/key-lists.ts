import { type BoundPattern, rowsOf } from "../core/pattern.ts";

/** A pattern row by row (CSR), as kernels read it that gather the keys of each row. */
export interface KeyLists {
  /** `[rows + 1]`: the keys of row i are `keys[rowAt[i]] … keys[rowAt[i + 1] - 1]`. */
  readonly rowAt: Int32Array;
  /** `[pairs]`, ascending within a row. */
  readonly keys: Int32Array;
  /** The most keys of a row. */
  readonly most: number;
}

/** Pairs of a head that are held row by row: 1 GiB of them. */
export const MOST_LISTED = 2 ** 28;

/** The rows of a pattern one after the other: O(pairs) time, and no N×N mask. */
export function compileKeyLists(pattern: BoundPattern): KeyLists {
  const rows = rowsOf(pattern);
  const rowAt = new Int32Array(rows + 1);
  const keys = new Int32Array(pattern.pairs());
  let end = 0;
  let most = 0;
  for (let row = 0; row < rows; row++) {
    const ranges = pattern.intervals(row);
    for (let at = 0; at < ranges.length; at += 2) {
      for (let key = ranges[at]; key < ranges[at + 1]; key++) keys[end++] = key;
    }
    rowAt[row + 1] = end;
    most = Math.max(most, end - rowAt[row]);
  }
  return { rowAt, keys, most };
}
