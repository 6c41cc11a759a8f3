/** What the module and its host agree on for gradients of what mixes tokens without products of q and k; see `../layout.ts`. */

/** 32-bit words of a layer that makes queries, as `assembly/gradient/hidden.ts` reads them. */
export const HIDDEN = { hidden: 0, dhidden: 1, weights: 2, dq: 3, dweights: 4, adds: 5 } as const;
export const HIDDEN_WORDS = 6;

/** Kinds of its items: rows of what it makes, rows of dq, rows of the gradient of its weights. */
export const HIDDEN_ITEM = { make: 0, back: 1, weights: 2 } as const;
