import { int, optionalInt, real } from "../../src/core/parameters.ts";
import { layer } from "../../src/mechanisms/layer/declare.ts";
import { shiftBias, shiftsOf } from "../../src/pairwise/shift-bias.ts";
import { everything } from "../../src/pattern/band.ts";
import { ofWholeImage } from "../../src/pattern/of-image.ts";
import { everyPixel } from "./every-pixel.ts";
import { softmax } from "./softmax.ts";

/** From here on it is the convolution to rounding in float32. */
const SHARP = 20;

/**
 * A convolution as self-attention: a head for each tap of a kernel of `kernel` × `kernel`, whose softmax is by position
 * alone, `-α·|δ - Δ|²`, so that it reads the pixel at its shift Δ; W^O has the taps, one below the other. From α = 40 on it
 * is the convolution to rounding in float64, from 20 on in float32.
 *
 * At the borders a head reads the nearest pixel there is: it is the convolution `conv-2d` with the border `nearest`, whose
 * taps are the same numbers. With a border of zeros around the image, and cropped, it is that with zeros outside.
 *
 * Departs: the paper has tokens and relative positions in one product; here queries and keys are zeros and the rest is a
 * bias, so that no root of d enters. Values are the pixels themselves.
 */
export const convAttention = layer({
  id: "conv-attention",
  title: "Convolution by attention",
  summary: "a head for each tap of a kernel, which by its position reads the pixel there",
  tags: ["layer", "convolution"],
  source: "Cordonnier, Loukas, Jaggi 2019, arXiv 1911.03584, theorem 1",
  params: {
    kernel: int(3, { least: 1, most: 31, unit: "pixels", meaning: "side of the kernel", probe: 2 }),
    width: optionalInt({
      usual: 64,
      least: 1,
      unit: "pixels",
      meaning: "width of the image; none is a sequence, whose kernel is a line",
      probe: 5,
      imageWidth: true,
    }),
    alpha: real(40, {
      least: 0,
      most: 1e6,
      unit: "per squared pixel",
      meaning: "how sharply a head looks at its pixel",
    }),
    seed: int(0, { unit: "seed", meaning: "which numbers the taps have" }),
  },
  layer: ({ kernel, width, alpha, seed }) => {
    const bias = shiftBias({ width, side: kernel, alpha });
    return {
      inner: softmax({
        pattern: width === null ? everyPixel() : ofWholeImage(width, everything()),
        bias,
      }),
      heads: shiftsOf({ width, side: kernel }).length,
      kvHeads: 1,
      headDim: { tokenOver: 1 },
      valueDim: { tokenOver: 1 },
      made: { q: "zeros", k: "zeros", v: "tokens" },
      seed,
      outputStream: "conv/full",
    };
  },
  exponent: () => 2,
  // Softmax is over all pixels, and all but one of its weights are next to nothing.
  table: ({ kernel, width }) => {
    const taps = width === null ? kernel : kernel ** 2;
    return {
      perLayer: {
        text: width === null ? "KN²d" : "K²N²d",
        letters: { K: kernel },
        at: ({ length, headDim }) => taps * length ** 2 * headDim,
      },
      path: [{ text: "as the convolution that it is" }],
      layers: [],
    };
  },
  twin: ({ kernel, width, alpha, seed }) =>
    width === null || alpha < SHARP
      ? null
      : { variant: "conv-2d", params: { kernel, width, border: "nearest", seed } },
});
