import type { Intervals } from "./pattern.ts";

/** The keys of one query, where they lie: in the image whose pixels the tokens are, or in the sequence. */
export interface QueryPicture {
  /** Whether it is an image; otherwise the picture is one row, the sequence. */
  readonly isImage: boolean;
  /** Tokens in a row of the picture, and rows; the last one may be short. */
  readonly width: number;
  readonly height: number;
  /** Tokens. */
  readonly length: number;
  /** The query's place. */
  readonly row: number;
  readonly column: number;
  /** For each row of the picture, the columns of the keys in it. */
  readonly rows: readonly Intervals[];
}

/** Whether the query is among its own keys. */
export function attendsItself({ rows, row, column }: QueryPicture): boolean {
  const own = rows[row];
  return own.some((from, at) => at % 2 === 0 && from <= column && column < own[at + 1]);
}
