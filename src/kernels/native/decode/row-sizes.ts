import { FLOAT_BYTES } from "../../../core/shape.ts";
import { rowFloats } from "../../decode/fill-cache.ts";
import { LANES } from "../code/transpose.ts";

/** Bytes of a row of so many floats. */
export interface RowSizes {
  readonly bytes: number;
  /** In a cache. */
  readonly row: number;
  /** In whole vectors. */
  readonly vectors: number;
  readonly padded: number;
  /** Where its last vector begins, and which lanes of that are the row's. */
  readonly last: number;
  readonly tail: number;
}

export function rowSizes(width: number): RowSizes {
  const vectors = Math.ceil(width / LANES);
  const last = (vectors - 1) * LANES;
  return {
    bytes: width * FLOAT_BYTES,
    row: rowFloats(width) * FLOAT_BYTES,
    vectors,
    padded: vectors * LANES * FLOAT_BYTES,
    last: last * FLOAT_BYTES,
    tail: 2 ** (width - last) - 1,
  };
}
