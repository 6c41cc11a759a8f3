import type { Pattern } from "../../src/core/pattern.ts";
import { everything } from "../../src/pattern/band.ts";

/** All pixels of an image, of which none comes later. */
export function everyPixel(): Pattern {
  return { ...everything(), neverCausal: true };
}
