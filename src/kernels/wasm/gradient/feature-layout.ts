/** What the module and its host agree on for gradients of feature maps; see `../layout.ts`. */

/** 32-bit words of a gradient, as `assembly/gradient/features/words.ts` reads them. */
export const FEATURE_GRADIENT = {
  out: 0,
  inverses: 1,
  left: 2,
  leftBytes: 3,
  sums: 4,
  reverse: 5,
  reverseBytes: 6,
  across: 7,
  dq: 8,
  dk: 9,
  dv: 10,
  adds: 11,
  learned: 12,
  learnedBytes: 13,
  learnedRow: 14,
} as const;

/** Words of a gradient. */
export const FEATURE_GRADIENT_WORDS = Object.keys(FEATURE_GRADIENT).length;

/**
 * Kinds of items. Not causal: the state of the keys is transposed, queries are gone through, their states joined, and keys gone
 * through. Causal: several threads sum the queries of segments and join them, and then walk segments in any order; one thread
 * walks them from the last to the first.
 */
export const FEATURE_GRADIENT_ITEM = {
  pack: 0,
  transpose: 1,
  queries: 2,
  join: 3,
  keys: 4,
  accumulate: 5,
  joinAfter: 6,
  walk: 7,
  walkOn: 8,
} as const;
