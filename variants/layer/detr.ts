import { layer } from "../../src/mechanisms/layer/declare.ts";
import { heads, width } from "./detr-parameters.ts";
import { everyPixel } from "./every-pixel.ts";
import { softmax } from "./softmax.ts";

/**
 * The self-attention of DETR's encoder: heads over the pixels of a feature map, whose sines of row and column are added to
 * what queries and keys are made of, and not to values.
 *
 * Departs: the attention alone, without the residual, the normalisation and the network that follow; no dropout.
 */
export const detr = layer({
  id: "detr",
  title: "DETR encoder",
  summary: "heads over pixels, whose positions are in queries and keys alone",
  tags: ["layer"],
  source: "Carion et al. 2020, arXiv 2005.12872",
  params: { heads, width },
  layer: (values) => {
    const positions = { scheme: "2d-sine", width: values.width } as const;
    return {
      inner: softmax({ pattern: everyPixel() }),
      heads: values.heads,
      headDim: { tokenOver: values.heads },
      valueDim: { tokenOver: values.heads },
      positions: { queries: positions, keys: positions, onValues: false },
    };
  },
  exponent: () => 2,
});
