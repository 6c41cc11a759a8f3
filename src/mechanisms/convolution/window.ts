import type { Pattern } from "../../core/pattern.ts";
import { axisReach, axisWindow } from "../../pattern/axis.ts";
import { band } from "../../pattern/band.ts";
import { grid } from "../../pattern/grid.ts";
import { type Convolution, tokensBefore } from "./declare.ts";

/** The tokens that a row's window has: of an image those at the border, too, that stand for what is outside. */
export function windowOf(mechanism: Convolution, causal: boolean): Pattern {
  const { image, taps } = mechanism;
  if (image === undefined) {
    const before = tokensBefore(mechanism, causal);
    return band(before, taps - 1 - before);
  }
  const { width, side } = image;
  const before = Math.floor(side / 2);
  const along = side % 2 === 1 ? axisWindow(side, 1, "truncate") : axisReach(before, side - 1 - before);
  return grid(width, along, along, { wholeRows: true });
}
