import { TILE } from "../layout.ts";

/** Rows of a segment, whether or not there are threads to share them, so that sums are the same. */
const SEGMENT_ROWS = 1024;
/** Short sequences are cut into at most so many segments, of at least so many rows. */
const FEW = { segments: 8, rows: 256 } as const;
/** Enough for any number of threads, and few enough that joining them costs nothing. */
const MOST_SEGMENTS = 64;

/** How rows that are summed are cut, into at most so many: whole tiles of keys, except for the last. */
export function segmentsOf(
  rows: number,
  most = MOST_SEGMENTS,
): {
  readonly segments: number;
  readonly segmentRows: number;
} {
  const few = Math.min(FEW.segments, Math.ceil(rows / FEW.rows));
  const wanted = Math.min(most, MOST_SEGMENTS, Math.max(few, Math.ceil(rows / SEGMENT_ROWS)));
  const segmentRows = Math.ceil(rows / wanted / TILE.columns) * TILE.columns;
  return { segments: Math.ceil(rows / segmentRows), segmentRows };
}
