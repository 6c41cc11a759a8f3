import type { Pattern } from "./pattern.ts";

/** Lengths tried: an image has far fewer pixels in a row. */
const MOST_TRIED = 2 ** 16;

/** The least number of tokens from `length` on for which a pattern is defined; `length` if none is found. */
export function nextLength({ whyNot }: Pick<Pattern, "whyNot">, length: number): number {
  if (whyNot === undefined) return length;
  for (let next = length; next < length + MOST_TRIED; next++) if (whyNot(next) === null) return next;
  return length;
}
