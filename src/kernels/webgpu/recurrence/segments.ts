/** Tokens of a segment where a state only fades: joining the states of segments costs as much as some tokens. */
const FADING = 64;
/**
 * Where tokens erase, the matrices of segments are multiplied one after the other, each as long as some
 * hundred tokens take: this many times the length, and its root, makes both about equal.
 */
const ERASING = 8;

/** How the tokens of a slice are cut: it follows from the length alone. */
export function segmentsOf(length: number, erases: boolean): { segment: number; segments: number } {
  const segment = erases ? FADING * Math.ceil(Math.sqrt(ERASING * length) / FADING) : FADING;
  return { segment, segments: Math.ceil(length / segment) };
}
