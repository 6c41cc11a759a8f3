import {
  PACKED_KEYS, PANEL_count, PANEL_end, PANEL_first, PANEL_rows, PANEL_rowsBytes, PANEL_scales, PANEL_sums, PANEL_transposed,
} from "./generated/layout";

/** Some of the features of a map, as many as a row has room for, and where their part of a state is. */
export class Panel {
  @inline static count(panel: usize): i32 { return load<i32>(panel, PANEL_count); }
  /** Which of the map's features these are, as it counts them: from `first` to before `end`. */
  @inline static first(panel: usize): i32 { return load<i32>(panel, PANEL_first); }
  @inline static end(panel: usize): i32 { return load<i32>(panel, PANEL_end); }
  /** From the beginning of a state to the rows `Σ_j φ(k_j) v_jᵀ`, and their bytes: a whole panel of the micro-kernel's rows at the end. */
  @inline static rows(panel: usize): usize { return load<u32>(panel, PANEL_rows); }
  @inline static rowsBytes(panel: usize): usize { return load<u32>(panel, PANEL_rowsBytes); }
  /** To the normaliser `Σ_j φ(k_j)`, and to the exponents that both are in; each up to a multiple of 8 numbers. */
  @inline static sums(panel: usize): usize { return load<u32>(panel, PANEL_sums); }
  @inline static scales(panel: usize): usize { return load<u32>(panel, PANEL_scales); }
  /** Bytes of a row of these features, up to a multiple of 8 numbers. */
  @inline static rowBytes(panel: usize): usize { return (<usize>Panel.count(panel) + 7 & ~7) << 2; }
  /** From the beginning of a transposed state to the rows of these features, and bytes of one of them. */
  @inline static transposed(panel: usize): usize { return load<u32>(panel, PANEL_transposed); }
  @inline static transposedRow(panel: usize): usize { return spreadRow(Panel.count(panel)); }
}

/**
 * Bytes of a row of so many numbers in a state of a gradient: up to a whole panel of columns, and a line more where rows would
 * otherwise fall on few of the cache's sets. `spreadRow` of the host.
 */
@inline
export function spreadRow(count: i32): usize {
  const bytes: usize = <usize>(count + PACKED_KEYS - 1 & ~(PACKED_KEYS - 1)) << 2;
  return (bytes & 511) == 0 ? bytes + 64 : bytes;
}
