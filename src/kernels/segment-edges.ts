import type { Segments } from "../mechanisms/summary/declare.ts";

/** First rows of segments, and the end of the last. */
export function edgesOf(segments: Segments, rows: number): number[] {
  const count = "count" in segments ? segments.count : Math.ceil(rows / segments.size);
  return Array.from({ length: count + 1 }, (_, at) =>
    "count" in segments ? Math.floor((at * rows) / count) : Math.min(rows, at * segments.size),
  );
}
