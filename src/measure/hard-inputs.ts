import type { Problem } from "../core/problem.ts";

/** Scores of softmax reach this far from one another: past what `exp` takes in float32 (88) and in float64 (709). */
const HARD_SCORE = 1000;
/** Features of feature maps are stretched by this: beyond the range of what is right for numbers near 0 alone. */
const HARD_FEATURES = 8;
/** A number that is scaled back must not have overflowed. */
const MOST = 2 ** 120;

/**
 * Calls `act` while q is larger by a power of two, so that scores lie as far apart as in trained models and further. A kernel that
 * leaves out the largest score, or approximates what it has only seen near 0, is wrong then. Null where q, k are as hard already.
 */
export function whileHard<T>({ mechanism, inputs: { q, k, v } }: Problem, act: () => T): T | null {
  const score = sizeOf(q) * sizeOf(k);
  const wanted = mechanism.kind === "softmaxPattern" ? HARD_SCORE / score : HARD_FEATURES / sizeOf(q);
  const factor = 2 ** Math.ceil(Math.log2(wanted));
  const largest = q.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  // An infinite value that float32 weighs by 0 is NaN, and in float64 it is not.
  if (!(factor > 1 && largest * factor < MOST && v.every(Number.isFinite))) return null;
  scale(q, factor);
  try {
    return act();
  } finally {
    scale(q, 1 / factor);
  }
}

/** Root mean square. */
function sizeOf(tensor: Float32Array): number {
  let squares = 0;
  for (const x of tensor) squares += x * x;
  return Math.sqrt(squares / tensor.length);
}

function scale(tensor: Float32Array, by: number): void {
  for (let at = 0; at < tensor.length; at++) tensor[at] *= by;
}
