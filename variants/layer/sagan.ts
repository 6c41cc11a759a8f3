import { flag, optionalInt } from "../../src/core/parameters.ts";
import { layer } from "../../src/mechanisms/layer/declare.ts";
import { everyPixel } from "./every-pixel.ts";
import { softmax } from "./softmax.ts";

/**
 * The attention of a generator of images: one head, whose queries and keys are an eighth as wide as a pixel and whose
 * values are half as wide, scores that are not divided, and `x + γ·o`. Keys and values are the largest numbers of squares
 * of 2 × 2 pixels, unless `pool` is off.
 *
 * Departs: pooling, and values of C/2, are in the authors' code, not in the paper, whose values have C/8 channels; γ is 1,
 * where training begins at 0, which would hide the rest; spectral normalisation is left out.
 */
export const sagan = layer({
  id: "sagan",
  title: "SAGAN block",
  summary: "one head over pixels, narrow queries and keys, added to the image by a factor",
  aliases: ["non-local"],
  tags: ["layer"],
  source: "Zhang et al. 2018, arXiv 1805.08318",
  params: {
    pool: flag(true, { meaning: "whether keys and values are of squares of 2 × 2 pixels" }),
    width: optionalInt({
      least: 1,
      unit: "pixels",
      meaning: "width of the image, which pooling needs; none is a square image",
      probe: 5,
      imageWidth: true,
    }),
  },
  layer: ({ pool, width }) => ({
    inner: softmax({ pattern: everyPixel(), scale: 1 }),
    heads: 1,
    headDim: { tokenOver: 8 },
    valueDim: { tokenOver: 2 },
    pool: pool ? { width } : null,
    residual: true,
  }),
  exponent: () => 2,
});
