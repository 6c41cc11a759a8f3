import type { Problem } from "../../core/problem.ts";
import { type Convolution, type Image, pixelAt } from "../../mechanisms/convolution/declare.ts";
import type { Runnable } from "../kernel.ts";
import { CHUNK, convolutionInChunks } from "./convolution-rows.ts";
import { WindowLayer } from "./windows.ts";

/** A convolution of an image in chunks of pixels, whose windows are copied one behind the other: then each is a product. */
export function prepareImageConvolution(
  problem: Problem,
  mechanism: Convolution,
  image: Image,
  output: Float32Array,
): Runnable {
  const { inputs, shape } = problem;
  const { length, valueDim: d } = shape;
  const { taps } = mechanism;
  const { width, side } = image;
  const before = Math.floor(side / 2);
  const height = length / width;
  const windows = new Float64Array(Math.min(CHUNK, length) * taps * d);
  const layer = new WindowLayer(mechanism, { from: 0, to: taps }, d, CHUNK);

  /** The windows of pixels from `first` on. */
  const bringIn = (valuesAt: number, first: number, count: number): void => {
    let to = 0;
    for (let pixel = first; pixel < first + count; pixel++) {
      const row = Math.floor(pixel / width);
      const column = pixel - row * width;
      for (let tap = 0; tap < taps; tap++) {
        const down = Math.floor(tap / side);
        const from = pixelAt(image, height, row - before + down, column - before + tap - down * side);
        if (from === null) windows.fill(0, to, to + d);
        else for (let c = 0; c < d; c++) windows[to + c] = inputs.v[valuesAt + from * d + c];
        to += d;
      }
    }
  };

  return convolutionInChunks(
    problem,
    layer,
    { tokens: windows, step: taps, bringIn, tokensRead: () => length * taps },
    output,
  );
}
