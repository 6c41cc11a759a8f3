import { choice, int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { axisWindow } from "../../src/pattern/axis.ts";
import { grid } from "../../src/pattern/grid.ts";

/**
 * Neighbourhood attention over an image in raster order: a pixel attends to `size` × `size` pixels around it,
 * `dilation` apart. Near the edges the window is moved inwards, so that every pixel attends as many; with
 * `edge` truncate it is cut. The tokens must be whole rows.
 *
 * Departs: `size` is odd (NATTEN gives an even one an unequal reach), and a window as large as the image is the
 * image (NATTEN refuses it). NATTEN can be causal along each axis, which is not defined here.
 */
export const neighbourhood = softmaxPattern({
  id: "neighbourhood",
  title: "Neighbourhood",
  summary: "a square of pixels around each",
  aliases: ["neighborhood", "natten"],
  tags: ["image"],
  source: "Hassani et al. 2022, arXiv 2204.07143",
  params: {
    width: int(64, { least: 1, unit: "pixels", meaning: "width of the image", probe: 5, imageWidth: true }),
    size: int(7, {
      least: 1,
      unit: "pixels, odd",
      meaning: "side of the window",
      probe: 3,
      fullAt: (n, { dilation }) => (dilation === 1 ? 2 * n + 1 : undefined),
    }),
    dilation: int(1, { least: 1, unit: "pixels", meaning: "distance between attended pixels", probe: 2 }),
    edge: choice(["clamp", "truncate"], { meaning: "whether the window is moved inwards at edges, or cut" }),
  },
  pattern({ width, size, dilation, edge }) {
    const along = axisWindow(size, dilation, edge);
    return grid(width, along, along, { wholeRows: true });
  },
  exponent: () => 1,
});
