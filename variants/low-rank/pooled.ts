import { flag, int } from "../../src/core/parameters.ts";
import { summary } from "../../src/mechanisms/summary/declare.ts";

/**
 * Pooled attention: queries attend the means of blocks of `ratio` keys and values; the last block may be shorter, and
 * is the mean of what it has. If causal, a block is visible to queries from its last token on, if it is full, so that
 * the first rows are zero. This is memory-compressed attention with means for the learned convolution.
 *
 * Departs: the paper's convolution is learned, and lucidrains' program gives early rows a key and a value of zero, pads
 * in front, and divides scores by the width of the model.
 */
export const pooled = summary({
  id: "pooled",
  title: "Pooled",
  summary: "means of blocks of keys and values in their place",
  aliases: ["memory-compressed"],
  tags: ["low-rank"],
  table: ({ ratio }, causal) => ({
    perLayer: {
      text: "N²d/c",
      letters: { c: ratio },
      at: ({ length, headDim }) => (causal ? length / 2 : length) * Math.ceil(length / ratio) * headDim,
    },
  }),
  source: "Liu et al. 2018, arXiv 1801.10198",
  params: {
    ratio: int(8, {
      least: 1,
      unit: "tokens",
      meaning: "keys that one mean stands for",
      probe: 4,
      fullAt: () => 1,
    }),
    mass: flag(false, { meaning: "whether ln of a block's size is added to its score" }),
  },
  text: ({ ratio }) => `pooled(${ratio})`,
  chain({ ratio, mass }, { queries, length, causal, scale }) {
    const segments = { size: ratio };
    return [
      { step: "means", to: "keys", of: "k", segments },
      { step: "means", to: "values", of: "v", segments },
      ...(mass ? [{ step: "log-sizes", to: "mass", of: "k", segments } as const] : []),
      {
        step: "attend",
        to: "out",
        queries: "q",
        keys: "keys",
        values: "values",
        scale,
        ...(mass && { bias: "mass" }),
        ...(causal && { ended: { size: ratio, keysBefore: length - queries } }),
      },
    ];
  },
  causal: true,
  sumsToOne: true,
  exponent: () => 2,
});
