import { spanOf } from "./axes.ts";

/** A logarithmic axis whose pixels are known before Vega draws it, so that labels can be placed on it. */
export interface PixelAxis {
  /** The values at its two ends. */
  readonly domain: readonly [low: number, high: number];
  /** Pixels from the end with the lower value. */
  at(value: number): number;
}

/** An axis of so many pixels that spans positive values, with room for marks between them and its ends. */
export function pixelAxis(values: readonly number[], pixels: number, room: number): PixelAxis {
  const [least, most] = spanOf(values).map(Math.log);
  // A single value would leave the axis no width.
  const span = Math.max(most - least, Math.log(3));
  const middle = (least + most) / 2;
  const half = (span / 2) * (pixels / (pixels - 2 * room));
  const low = Math.max(middle - half, Math.log(Number.MIN_VALUE));
  const high = Math.min(middle + half, Math.log(Number.MAX_VALUE));
  return {
    domain: [Math.max(Math.exp(low), Number.MIN_VALUE), Math.min(Math.exp(high), Number.MAX_VALUE)],
    at: (value) => (pixels * (Math.log(value) - low)) / (high - low),
  };
}
