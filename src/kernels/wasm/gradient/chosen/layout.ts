/** What the module and its host agree on for gradients of single keys that were chosen; see `../../layout.ts`. */

/** 32-bit words of a gradient over lists of keys, as `assembly/gradient/listed-words.ts` reads them. */
export const LISTED = {
  choice: 0,
  most: 1,
  starts: 2,
  places: 3,
  readers: 4,
  weights: 5,
  slopes: 6,
  dq: 7,
  dk: 8,
  dv: 9,
  adds: 10,
  scale: 11,
} as const;

/** Words of a gradient over lists. */
export const LISTED_WORDS = 12;

/** Kinds of items: finding who reads each key; rows and what their pairs get; and keys and what their readers bring. */
export const LISTED_ITEM = { sort: 0, rows: 1, keys: 2 } as const;

/** Rows that go through each step together. */
export const LISTED_ROWS = 16;
