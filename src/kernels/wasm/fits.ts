import { callBytes, type Shape } from "../../core/shape.ts";
import { MOST_HEAD_DIM } from "./layout.ts";

/** What one 32-bit memory has room for besides its other content. */
export const MOST_BYTES = 3.5 * 2 ** 30;

/** Why q, k, v and out do not fit into one memory; null if they do. */
export function whyTooLarge(shape: Shape): string | null {
  return callBytes(shape) <= MOST_BYTES ? null : "q, k, v and out must fit into 3.5 GiB of 32-bit memory";
}

/** Why the modules' registers and scratch have no room for a head; null if they have. */
export function whyTooWide({ headDim, valueDim }: Shape): string | null {
  if (headDim > MOST_HEAD_DIM) return `a head must be at most ${MOST_HEAD_DIM} wide, got ${headDim}`;
  return valueDim <= MOST_HEAD_DIM ? null : `values must be at most ${MOST_HEAD_DIM} wide, got ${valueDim}`;
}
