/** What the module and its host agree on for gradients of what mixes tokens without products of q and k; see `../layout.ts`. */

/** 32-bit words of a layer that makes queries, as `assembly/gradient/hidden.ts` reads them. */
export const HIDDEN = { hidden: 0, dhidden: 1, weights: 2, dq: 3, dweights: 4, adds: 5 } as const;
export const HIDDEN_WORDS = 6;

/** Kinds of its items: rows of what it makes, rows of dq, rows of the gradient of its weights. */
export const HIDDEN_ITEM = { make: 0, back: 1, weights: 2 } as const;

/** 32-bit words of an attention-free transformer's gradient, as `assembly/gradient/aft/words.ts` reads them. */
export const AFT_BACK = {
  values: 0,
  along: 1,
  sums: 2,
  largest: 3,
  centre: 4,
  apart: 5,
  dq: 6,
  dk: 7,
  dv: 8,
  rowBiases: 9,
  keyBiases: 10,
  ofRowBiases: 11,
  ofKeyBiases: 12,
  first: 13,
  count: 14,
  width: 15,
  states: 16,
  pairs: 17,
} as const;
export const AFT_BACK_WORDS = 18;

/**
 * Kinds of its items. With biases: the largest keys of channels, what tiles read of keys and of rows, keys beyond the window, keys' gradients,
 * and rows by themselves. Without: sums of segments of rows, their sum or those of all after each, and keys' gradients.
 */
export const AFT_BACK_ITEM = {
  largest: 0,
  keys: 1,
  rows: 2,
  far: 3,
  finish: 4,
  apart: 5,
  sum: 6,
  join: 7,
  scan: 8,
  scanOn: 9,
  give: 10,
} as const;

/** 32-bit words of a convolution's gradient, as `assembly/gradient/convolution/words.ts` reads them. */
export const CONVOLUTION_BACK = {
  along: 0,
  dv: 1,
  dweights: 2,
  packed: 3,
  hidden: 4,
  ofHidden: 5,
  dmore: 6,
  morePacked: 7,
  adds: 8,
} as const;
export const CONVOLUTION_BACK_WORDS = 9;

/** Kinds of its items: packing taps; of a network its hidden units, what comes to its first layer, and the second's weights; channels of tokens. */
export const CONVOLUTION_BACK_ITEM = {
  pack: 0,
  hidden: 1,
  more: 2,
  taps: 3,
  depthwise: 4,
  units: 5,
} as const;

/** 32-bit words of a cell's gradient, as `assembly/gradient/gated-cell.ts` reads them. */
export const CELL_BACK = { states: 0, dq: 1, dk: 2, dv: 3 } as const;
export const CELL_BACK_WORDS = 4;
