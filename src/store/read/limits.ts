/** What reading a store may take, whoever wrote it: far more than any that was written, and what a machine can bear. */

/** Bytes of one cell. */
export const MOST_CELL_BYTES = 2 ** 28;
/** Rows, and about so many bytes of them, that are read at once. */
export const MOST_HELD_ROWS = 1024;
export const MOST_HELD_BYTES = 2 ** 24;
/** Bytes of the rows of one run, about. */
export const MOST_RUN_BYTES = 2 ** 30;
/** Rows of a row group, and values that a column has in it. */
export const MOST_GROUP_ROWS = 2 ** 20;
export const MOST_GROUP_VALUES = 2 ** 24;
/** Bytes of a column of a row group, packed or not. */
export const MOST_CHUNK_BYTES = 2 ** 28;
/** Bytes of what a Parquet file says of itself at its end. */
export const MOST_FOOTER_BYTES = 2 ** 26;
