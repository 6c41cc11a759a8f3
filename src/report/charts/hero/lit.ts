/** Lines that are coloured at once: more are not told apart. */
export const MOST_LIT = 12;

/** A line that may be lit. */
export interface Lightable {
  /** Whether the reader chose it, or it is what others are compared with. */
  readonly first: boolean;
  /** What it takes at the length that counts; null if that is not known. */
  readonly seconds: number | null;
}

/**
 * The lines that are coloured while others are grey: those that come first, then the fastest, up to `most`; fewer than that
 * are all lit. By their places, those that take precedence first.
 */
export function litLines(lines: readonly Lightable[], most = MOST_LIT): readonly number[] {
  return lines
    .map((line, place) => ({ ...line, place }))
    .sort(
      (a, b) =>
        Number(b.first) - Number(a.first) ||
        (a.seconds ?? Number.POSITIVE_INFINITY) - (b.seconds ?? Number.POSITIVE_INFINITY) ||
        a.place - b.place,
    )
    .slice(0, most)
    .map(({ place }) => place);
}
