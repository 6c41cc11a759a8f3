/** What the module and its host agree on for gradients of attention over tiles; see `../layout.ts`. */

/** 32-bit words of a gradient, as `assembly/gradient/words.ts` reads them. */
export const GRADIENT = {
  out: 0,
  sums: 1,
  dq: 2,
  dk: 3,
  dv: 4,
  kept: 5,
  width: 6,
  queryFactor: 7,
  packedValues: 8,
  turnedKeys: 9,
  partialKeys: 10,
  partialValues: 11,
  tables: 12,
  blocks: 13,
  segments: 14,
  adds: 15,
  groups: 16,
  ranges: 17,
  biasSums: 18,
  biasBytes: 19,
  biasAt: 20,
  dtable: 21,
  tableAdds: 22,
  refines: 23,
  ofQueries: 24,
  ofKeys: 25,
  joined: 26,
} as const;

/** Words of a gradient. */
export const GRADIENT_WORDS = 27;

/**
 * Kinds of items: preparing tokens; a segment's groups of rows, its sums being cleared first, and the same in a later pass;
 * and adding up the sums of blocks of keys. Of groups of tokens that were chosen: finding their order, hiding pairs that a group before has
 * seen, and joining what several groups have of a query.
 */
export const GRADIENT_ITEM = {
  prepare: 0,
  begin: 1,
  goOn: 2,
  join: 3,
  sort: 4,
  hide: 5,
  joinQueries: 6,
} as const;

/**
 * The most rows that are open at once: more than a tile has, where no task of theirs has a mask, since what keys get of them is
 * then added less often.
 */
export const GRADIENT_ROWS = 192;

/** Words of a group of rows: the task that opens them, in words, the first of them counted from there, and how many. */
export const GROUP_WORDS = 3;

/** Keys whose sums lie together: where a segment keeps them is told block by block. */
export const KEY_BLOCK = 128;

/** Where a segment keeps the sums of a block, if not in one of its own: nowhere, or where the gradients are to be. */
export const UNTOUCHED = -1;
export const IN_PLACE = -2;

/** Numbers on both sides of a segment's sums of biases, since they are added eight at a time. */
export const BIAS_MARGIN = 8;
