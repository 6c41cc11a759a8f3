import type { Shape } from "../../core/shape.ts";
import { MOST_HEAD_DIM } from "./layout.ts";

/** What one 32-bit memory has room for besides its other content. */
export const MOST_BYTES = 3.5 * 2 ** 30;

/** Why q, k, v and out do not fit into one memory; null if they do. */
export function whyTooLarge({ batch, heads, length, headDim }: Shape): string | null {
  const bytes = 16 * batch * heads * length * headDim;
  return bytes <= MOST_BYTES ? null : "q, k, v and out must fit into 3.5 GiB of 32-bit memory";
}

/** Why the modules' registers and scratch have no room for a head; null if they have. */
export function whyTooWide({ headDim }: Shape): string | null {
  return headDim <= MOST_HEAD_DIM ? null : `a head must be at most ${MOST_HEAD_DIM} wide, got ${headDim}`;
}
