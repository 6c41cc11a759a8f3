import type { BoundPattern } from "../core/pattern.ts";
import type { QueryPicture } from "../core/query-picture.ts";
import { intersect } from "./intervals.ts";

/** The keys of a query as a picture: an image with rows of `imageWidth` pixels, or the sequence. */
export function queryPicture(
  pattern: BoundPattern,
  query: number,
  imageWidth: number | undefined,
): QueryPicture {
  const { length } = pattern;
  const width = Math.min(imageWidth ?? length, length);
  const height = Math.ceil(length / width);
  const keys = pattern.intervals(query);
  return {
    isImage: imageWidth !== undefined,
    width,
    height,
    length,
    row: Math.floor(query / width),
    column: query % width,
    rows: Array.from({ length: height }, (_, row) =>
      intersect(keys, [row * width, Math.min(length, (row + 1) * width)]).map((key) => key - row * width),
    ),
  };
}
