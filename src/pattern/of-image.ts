import type { Pattern } from "../core/pattern.ts";
import { checkCount } from "./check-count.ts";
import { whyNotWhole } from "./whole-rows.ts";
import { takesEdges } from "./with-edges.ts";

/** The pattern, of which it is known that its tokens are the pixels of an image, `width` in a row. */
export function ofImage(width: number, pattern: Pattern): Pattern {
  checkCount("ofImage", "width", width, 1, Number.MAX_SAFE_INTEGER);
  return { ...pattern, ...takesEdges([pattern], ([given]) => ofImage(width, given)), imageWidth: width };
}

/** The same of an image whose last row must not be short, and whose pixels have no order that could be causal. */
export function ofWholeImage(width: number, pattern: Pattern): Pattern {
  return {
    ...ofImage(width, pattern),
    neverCausal: true,
    whyNot: (length) => whyNotWhole(width, length) ?? pattern.whyNot?.(length) ?? null,
  };
}

/** The image that all those of some patterns that have one agree on. */
export function commonImage(members: readonly Pattern[]): Pick<Pattern, "imageWidth"> {
  const widths = new Set(members.flatMap(({ imageWidth }) => imageWidth ?? []));
  const [imageWidth] = widths;
  return widths.size === 1 ? { imageWidth } : {};
}
