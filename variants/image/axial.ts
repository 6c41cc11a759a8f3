import { choice, int } from "../../src/core/parameters.ts";
import { constant } from "../../src/core/table-one.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { comb } from "../../src/pattern/comb.ts";
import { ofImage } from "../../src/pattern/of-image.ts";
import { neverPast } from "../../src/pattern/path-lengths.ts";
import { union } from "../../src/pattern/union.ts";

/**
 * Axial (criss-cross) attention over an image in raster order: a pixel attends to its row and its column. The
 * last row may be short. With `mode` heads, even heads have rows and odd heads columns.
 *
 * Departs: Axial Transformer has rows and columns in separate layers; the union, with the pixel itself once,
 * is CCNet's. Causal is raster order.
 */
export const axial = softmaxPattern({
  id: "axial",
  title: "Axial",
  summary: "a pixel's row and its column",
  aliases: ["criss-cross"],
  tags: ["image", "sparse"],
  source: "Ho et al. 2019, arXiv 1912.12180; Huang et al. 2018, arXiv 1811.11721",
  params: {
    width: int(64, {
      least: 1,
      unit: "pixels",
      meaning: "width of the image",
      probe: 6,
      imageWidth: true,
      fullAt: (n, { mode }) => (mode === "union" ? n : undefined),
    }),
    mode: choice(["union", "heads"], { meaning: "rows and columns in every head, or one each in turn" }),
  },
  table: ({ width, mode }, causal) => ({
    ...(mode === "union" && {
      // A causal path never goes to the right.
      path: [causal && width > 1 ? neverPast(width) : constant(width > 1 ? 2 : 1)],
    }),
  }),
  pattern: ({ width, mode }) =>
    ofImage(width, (mode === "heads" ? byHead : union)(blockBand(width, 1), comb(width))),
  exponent: () => 2,
});
