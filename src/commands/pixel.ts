import { printable, UsageError } from "../core/errors.ts";
import type { Pattern } from "../core/pattern.ts";
import { parseInteger } from "../text/units.ts";

/** A pixel of an image, from 0. */
export interface Pixel {
  readonly row: number;
  readonly column: number;
}

/** A pixel as typed, such as `3,10`. */
export function parsePixel(text: string): Pixel {
  const [, row, column] = /^ *(\d{1,7}) *, *(\d{1,7}) *$/.exec(text) ?? [];
  if (column === undefined) {
    throw new UsageError(
      `--pixel: must be a row and a column from 0, such as 3,10, got '${printable(text, 40)}'`,
    );
  }
  return { row: Number(row), column: Number(column) };
}

/** The token of a query that was asked for, as a pixel or by its number as typed. */
export function queryAt(asked: Pixel | string, { imageWidth, text }: Pattern, length: number): number {
  if (typeof asked === "string") return parseInteger("--query", asked, 0, length - 1);
  if (imageWidth === undefined) {
    throw new UsageError(`--pixel: ${text} knows of no image; name a token with --query`);
  }
  const { row, column } = asked;
  const query = row * imageWidth + column;
  if (column < imageWidth && query < length) return query;
  const rows = Math.ceil(length / imageWidth);
  const short = length % imageWidth === 0 ? "" : `, the last one with only ${length % imageWidth}`;
  throw new UsageError(
    `--pixel: must lie in the image of ${rows} rows of ${imageWidth} pixels${short}, got row ${row}, column ${column}, which count from 0; choose another, or another --length`,
  );
}

/** Tokens of a square image, or of as many of its rows as there is room for. */
export function usualImage(width: number, most: number): number {
  return Math.min(most, width * Math.max(1, Math.min(width, Math.floor(most / width))));
}
