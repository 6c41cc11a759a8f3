/**
 * What a kernel chose in its last call, by names that the kind declares, such as the blocks of each query: integers,
 * row-major. Where nothing was chosen they are -1.
 */
export type Choice = Readonly<Record<string, Int32Array>>;

/** One array of a choice, `[batch, heads, rows, perRow]`. */
export interface ChoiceSpec {
  /** Rows in each batch entry and head. */
  readonly rows: number;
  readonly perRow: number;
}

/** The arrays of a choice by name. */
export type ChoiceSpecs = Readonly<Record<string, ChoiceSpec>>;
