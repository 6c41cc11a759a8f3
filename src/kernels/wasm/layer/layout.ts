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
  panels: 6,
  panelBytes: 7,
  columnBytes: 8,
  from: 9,
  fromEntry: 10,
  fromRow: 11,
  fromHead: 12,
  fromWidth: 13,
  table: 14,
  to: 15,
  toEntry: 16,
  toRow: 17,
  toHead: 18,
  toWidth: 19,
  bias: 20,
  gamma: 21,
  tokens: 22,
  tokenTable: 23,
} as const;

/** 32-bit words of a pooling, as `assembly/pool.ts` reads them. */
export const POOL = { from: 0, to: 1, length: 2, pixels: 3, rows: 4, width: 5 } as const;

/**
 * Rows of a tile of products, whole panels, and columns of them that are multiplied before further ones are brought in, two blocks of the
 * widest head: 288 KiB, which stay beside the core, while of the weights a tile reads each number once.
 */
export const PRODUCT_TILE = { rows: 144, columns: 512 } as const;

/** Rows of weights that are packed together, so that what is written of a panel is a few lines side by side. */
export const PACKED_ROWS = 8;
