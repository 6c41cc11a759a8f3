import { flag, int } from "../../src/core/parameters.ts";
import type { Pattern } from "../../src/core/pattern.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { windowBias } from "../../src/pairwise/window-bias.ts";
import { axisCells } from "../../src/pattern/axis.ts";
import { grid } from "../../src/pattern/grid.ts";

/**
 * Swin's windows over an image in raster order: the image is cut into windows of `window` × `window` pixels,
 * beginning at `shift` (in every other layer ⌊window / 2⌋), and a pixel attends to its own window. Cutting at
 * the edges of the image, too, is what cyclic shift, partition and mask of the paper amount to, and needs no
 * divisible sizes; the last row may be short.
 *
 * Departs: its bias table is left out unless `table` is set, and is then drawn, from N(0, 1). The published code masks with -100, which leaves weights of e^-100.
 */
export const swin = softmaxPattern({
  id: "swin",
  title: "Swin",
  summary: "the image is cut into square windows, and a pixel attends its own",
  aliases: ["shifted-windows"],
  tags: ["image"],
  source: "Liu et al. 2021, arXiv 2103.14030",
  params: {
    width: int(64, { least: 1, unit: "pixels", meaning: "width of the image", probe: 8, imageWidth: true }),
    window: int(7, {
      least: 1,
      unit: "pixels",
      meaning: "side of the windows",
      probe: 3,
      fullAt: (n, { width, shift }) => (shift === 0 ? Math.max(n, Number(width)) : undefined),
    }),
    shift: int(0, { unit: "pixels", meaning: "where the windows begin", probe: 1 }),
    table: flag(false, { meaning: "whether a learned number is added for each offset within a window" }),
  },
  pattern: ({ width, window, shift }) => windows(width, window, shift),
  // Windows of one layer never meet: in every other layer they are moved by half of one, or back.
  table({ width, window, shift }) {
    const half = Math.floor(window / 2);
    return {
      layers: [windows(width, window, shift), windows(width, window, shift === 0 ? half : 0)],
      path:
        shift === 0 || shift === half
          ? [
              {
                text: window > 1 ? "2⌈m/w⌉, one more if a row is short" : "∞",
                letters: { m: "max(H, W)", W: width, w: window },
                atMost: true,
                at({ length }) {
                  const extent = Math.max(Math.ceil(length / width), Math.min(length, width));
                  if (extent === 1) return 0;
                  if (window === 1) return Number.POSITIVE_INFINITY;
                  // Around pixels that the last row lacks.
                  const isShort = length > width && length % width > 0;
                  return 2 * Math.ceil(extent / window) + (isShort ? 1 : 0);
                },
              },
            ]
          : [],
    };
  },
  bias: ({ width, window, table }) =>
    table ? windowBias({ width, window, seed: FORM_DEFAULTS.seed }) : undefined,
  exponent: () => 1,
});

/** The windows of one layer. */
function windows(width: number, window: number, shift: number): Pattern {
  const along = axisCells(window, shift);
  return grid(width, along, along, { wholeRows: false });
}
