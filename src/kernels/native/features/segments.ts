import type { Shape } from "../../../core/shape.ts";
import { CHUNK } from "./layout.ts";

/** Chunks of a segment at least, and about the most segments of a call: enough to share among threads. */
const SEGMENT_CHUNKS = 10;
const MOST_SEGMENTS = 64;

/** Tokens are cut into segments, each with a state of its own, by the shape alone: sums do not depend on threads. */
export interface Segments {
  readonly count: number;
  /** Tokens of each but the last. */
  readonly tokens: number;
}

/** Joining states costs no more than summing them, and all heads together have about as many as there may be. */
export function segmentsOf({ batch, kvHeads, length }: Shape, features: number): Segments {
  const most = Math.max(1, Math.ceil(MOST_SEGMENTS / (batch * kvHeads)));
  const chunks = Math.max(SEGMENT_CHUNKS, Math.ceil(features / CHUNK), Math.ceil(length / CHUNK / most));
  return { count: Math.ceil(length / (CHUNK * chunks)), tokens: CHUNK * chunks };
}

/**
 * Segments for a backward pass, which keeps a state for each segment, and one for each chunk of a segment: both are about as many at
 * most, unless joining asks for fewer chunks.
 */
export function shortSegments(length: number, features: number): Segments {
  const most = Math.ceil(Math.sqrt(length / CHUNK));
  const tokens = CHUNK * Math.max(SEGMENT_CHUNKS, Math.min(most, Math.ceil(features / CHUNK)));
  return { count: Math.ceil(length / tokens), tokens };
}
