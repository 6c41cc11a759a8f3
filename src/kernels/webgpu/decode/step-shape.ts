import type { Shape } from "../../../core/shape.ts";
import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import type { TurnLayout } from "../../../pairwise/turn.ts";

/** What the shaders of decoding are written for. */
export interface StepShape {
  /** Widths of keys and of values. */
  readonly headDim: number;
  readonly valueDim: number;
  /** Heads of q that one workgroup computes together, which read the same keys. */
  readonly readers: number;
  readonly normaliser: NormaliserName;
  readonly biased: boolean;
  /** Which channels are turned together; null if none are. */
  readonly turn: TurnLayout | null;
}

/** Threads of a workgroup that attends. */
export const THREADS = 128;

/** Workgroup memory that every device has, in bytes. */
const WORKGROUP_BYTES = 16_384;
/** Heads of q whose sums a thread holds in registers. */
const MOST_READERS = 8;

/** Keys whose weights are made before their values are summed: as many for any width and readers, so that sums are alike. */
export const BLOCK = 256;

/** Four columns each: what a width takes, the last one filled up with zeros. */
export function quadsOf(width: number): number {
  return Math.ceil(width / 4);
}

/** Bytes of workgroup memory: queries, weights, where rows are, and what threads combine. */
function workgroupBytes(headDim: number, readers: number): number {
  return 16 * readers * quadsOf(headDim) + 4 * (readers + 1) * BLOCK + 16 * THREADS;
}

/** How many of the heads that read a cache one workgroup computes together: all of them, or an even part. */
export function readersTogether(headDim: number, readers: number): number {
  for (let count = Math.min(readers, MOST_READERS); count > 1; count--) {
    if (readers % count === 0 && workgroupBytes(headDim, count) <= WORKGROUP_BYTES) return count;
  }
  return 1;
}

/** The widest heads: a thread each sums four columns of the values. */
const MOST_WIDTH = 4 * THREADS;

/** Why heads of this shape are not decoded; null if they are. */
export function whyTooWide({ headDim, valueDim }: Shape): string | null {
  if (headDim > MOST_WIDTH) return `a head must be at most ${MOST_WIDTH} wide, got ${headDim}`;
  if (valueDim > MOST_WIDTH) return `values must be at most ${MOST_WIDTH} wide, got ${valueDim}`;
  return null;
}
