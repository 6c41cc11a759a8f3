import { UsageError } from "../core/errors.ts";
import type { Bias } from "./bias.ts";

/** An image in raster order, `width` pixels wide, and the side of the windows that a table is for. */
export interface ImageWindows {
  readonly width: number;
  readonly window: number;
  readonly seed: number;
}

const MOST_WINDOW = 1024;

/**
 * Swin's relative position bias: a learned number for each offset, by row and by column, of two pixels of a
 * window: `(2w - 1)²` of them. Pixels further apart take that of the furthest offset. Liu et al. 2021, arXiv
 * 2103.14030, eq. 4.
 */
export function windowBias({ width, window, seed }: ImageWindows): Bias {
  if (!(Number.isInteger(width) && width >= 1)) {
    throw new UsageError(`window: width of the image must be an integer of at least 1, got ${width}`);
  }
  if (!(Number.isInteger(window) && window >= 1 && window <= MOST_WINDOW)) {
    throw new UsageError(
      `window: side of the windows must be an integer from 1 to ${MOST_WINDOW}, got ${window}`,
    );
  }
  const side = 2 * window - 1;
  const offset = (apart: number): number => Math.max(1 - window, Math.min(window - 1, apart)) + window - 1;
  const entry = (rows: number, columns: number): number => offset(rows) * side + offset(columns);
  // Queries before the first key are pixels of earlier rows of the image.
  const column = (token: number): number => token - Math.floor(token / width) * width;
  // Twice the width apart, so that a distance tells rows and columns apart.
  const rowPlaces = 2 * width;
  return {
    text: `window:${width}:${window}:${seed}`,
    table: { entries: side ** 2, stream: "swin/table", seed },
    place: (token) => Math.floor(token / width) * rowPlaces + column(token),
    bind: ({ table }) => ({
      at(query, key) {
        const rows = Math.floor(key / width) - Math.floor(query / width);
        const columns = column(key) - column(query);
        return table[entry(rows, columns)];
      },
      of(distance) {
        const rows = Math.round(distance / rowPlaces);
        return table[entry(rows, distance - rows * rowPlaces)];
      },
    }),
  };
}
