import type { Shape } from "../../core/shape.ts";

/** Why rows of halves cannot be read four at a time; null if they can. */
export function whyNotHalves({ headDim, valueDim }: Shape): string | null {
  const odd = [headDim, valueDim].find((width) => width % 4 !== 0);
  return odd === undefined ? null : `in float16 it takes rows that are multiples of 4 wide, got ${odd}`;
}
