/** What the module and its host agree on about the products of a layer, as `../layout.ts` has it for the rest. */

/** Kinds of items of the layer kernel, whose second word is the address of a product or a pooling. */
export const LAYER_ITEM = { pack: 0, multiply: 1, carry: 2, pool: 3 } as const;

/** 32-bit words of a product with weights, as `assembly/product.ts` reads them. */
export const PRODUCT = {
  inner: 0,
  columns: 1,
  rows: 2,
  entries: 3,
  groups: 4,
  weights: 5,
  packed: 6,
  from: 7,
  fromEntry: 8,
  fromRow: 9,
  fromHead: 10,
  fromWidth: 11,
  table: 12,
  to: 13,
  toEntry: 14,
  toRow: 15,
  toHead: 16,
  toWidth: 17,
  bias: 18,
  gamma: 19,
  tokens: 20,
  tokenTable: 21,
} as const;

/** 32-bit words of a pooling, as `assembly/pool.ts` reads them. */
export const POOL = { from: 0, to: 1, length: 2, pixels: 3, rows: 4, width: 5 } as const;

/** Rows of weights that are packed together, so that what is written of a panel is a few lines side by side. */
export const PACKED_ROWS = 8;
