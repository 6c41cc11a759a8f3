/**
 * The shapes that every part of the kernel agrees on. A tile of scores is `QUERIES` rows of `COLUMNS` keys, computed in
 * panels of 6 queries and 16 keys; its rows lie `SCORE_ROW` bytes apart, so that the micro-kernel reads them at fixed
 * offsets. The host reads the sizes from the module's exports.
 */
export const QUERIES: i32 = 48;
export const COLUMNS: i32 = 128;
export const SCORE_ROW: usize = 512;

/** Queries and keys of a panel. */
export const PANEL_QUERIES: i32 = 6;
export const PANEL_KEYS: i32 = 16;
