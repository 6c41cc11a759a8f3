import { layer } from "../../src/mechanisms/layer/declare.ts";
import { heads, width } from "./detr-parameters.ts";
import { everyPixel } from "./every-pixel.ts";
import { softmax } from "./softmax.ts";

/**
 * The cross attention of DETR's decoder: object queries, 100 in the paper, read the pixels of a feature map. A learned row
 * is added to each query, sines of row and column to what keys are made of, and nothing to values. `--queries` says how
 * many object queries there are; as many as pixels if it is omitted.
 *
 * Departs: the attention alone, without the residual, the normalisation and the network that follow; no dropout. Queries
 * have numbers of their own, where those of the first layer begin at 0. What is learned is drawn, N(0, 0.02²).
 */
export const detrCross = layer({
  id: "detr-cross",
  title: "DETR decoder",
  summary: "object queries with learned positions read pixels",
  tags: ["layer"],
  source: "Carion et al. 2020, arXiv 2005.12872",
  params: { heads, width },
  layer: (values) => ({
    inner: softmax({ pattern: everyPixel() }),
    heads: values.heads,
    headDim: { tokenOver: values.heads },
    valueDim: { tokenOver: values.heads },
    positions: {
      queries: { scheme: "learned" },
      keys: { scheme: "2d-sine", width: values.width },
      onValues: false,
    },
  }),
  exponent: () => 2,
});
