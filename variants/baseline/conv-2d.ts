import { choice, int } from "../../src/core/parameters.ts";
import { convolution } from "../../src/mechanisms/convolution/declare.ts";

/**
 * Convolution of an image in raster order, from all channels to all channels: the sum over a square of `kernel` × `kernel`
 * pixels, each times its matrix, in the order of cross-correlation, from ⌊kernel/2⌋ rows above and columns to the left on.
 * Outside of the image is the nearest pixel of it, which is what `conv-attention` has there, or zeros. q and k are not read;
 * W is drawn, from N(0, 1/(kernel²·d)).
 *
 * Departs: with `border` zeros and an odd kernel it is PyTorch's `Conv2d` with padding ⌊kernel/2⌋, without a bias; here it
 * stands within a head.
 */
export const conv2d = convolution({
  id: "conv-2d",
  title: "Convolution of an image",
  summary: "a matrix for each place of a square of pixels, summed over its values",
  aliases: ["conv2d"],
  tags: ["baseline", "convolution", "linear"],
  source: "LeCun et al. 1989, doi 10.1162/neco.1989.1.4.541; Dumoulin, Visin 2016, arXiv 1603.07285",
  params: {
    kernel: int(3, { least: 1, most: 31, unit: "pixels", meaning: "side of the kernel", probe: 2 }),
    width: int(64, { least: 1, unit: "pixels", meaning: "width of the image", probe: 5, imageWidth: true }),
    border: choice(["nearest", "zeros"], { meaning: "what is outside of the image" }),
    seed: int(0, { unit: "seed", meaning: "which numbers the taps have" }),
  },
  form: "full",
  taps: ({ kernel }) => kernel ** 2,
  image: ({ kernel, width, border }) => ({ width, side: kernel, border }),
  seed: ({ seed }) => seed,
  exponent: () => 1,
});
