import { MATRIX_columns, MATRIX_data, MATRIX_rowBytes, MATRIX_rows, PANEL_KEYS } from "./generated/layout";

/**
 * A matrix of a chain: 32-bit words at `matrix`, written by the host. Rows that a step makes lie whole panels of columns apart, except
 * for those of the output, and are as many as whole panels of queries.
 */
export class Matrix {
  @inline static rows(matrix: usize): i32 { return load<i32>(matrix, MATRIX_rows); }
  @inline static columns(matrix: usize): i32 { return load<i32>(matrix, MATRIX_columns); }
  @inline static rowBytes(matrix: usize): usize { return load<u32>(matrix, MATRIX_rowBytes); }
  /** Where a row begins. */
  @inline static row(matrix: usize, row: i32): usize {
    return <usize>load<u32>(matrix, MATRIX_data) + <usize>row * Matrix.rowBytes(matrix);
  }
  /** Columns up to a whole panel. */
  @inline static width(matrix: usize): i32 { return (Matrix.columns(matrix) + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS; }
}
