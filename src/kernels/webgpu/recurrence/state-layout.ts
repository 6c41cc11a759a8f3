import { COLUMNS, type RecurrencePlan } from "./plan.ts";

/*
 * A state lies as `[quads of channels][columns]` of four channels each, so that a thread reads and writes its
 * own column alone, and neighbours do so side by side.
 */

/** Columns of a state: those of v, filled up to whole workgroups. */
export function stateColumns({ columnBlocks }: Pick<RecurrencePlan, "columnBlocks">): number {
  return COLUMNS * columnBlocks;
}

/** Columns of what a segment that erases leaves of a state: its channels, filled up to whole workgroups. */
export function transitionColumns({ headDim }: Pick<RecurrencePlan, "headDim">): number {
  return COLUMNS * Math.ceil(headDim / COLUMNS);
}
