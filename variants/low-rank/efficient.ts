import { summary } from "../../src/mechanisms/summary/declare.ts";

/**
 * Efficient attention: each channel of the keys is a softmax over positions, which reads the values, and each query a
 * softmax over channels, which reads what they read: `softmax_c(q_i) · (softmax_j(k_·c)ᵀ V)`. There is no factor on the
 * numbers, and no product of q and k.
 *
 * Departs: not causal; lucidrains' program then takes exponentials for the softmax over positions, another function.
 */
export const efficient = summary({
  id: "efficient",
  title: "Efficient",
  summary: "a softmax over positions for each channel, and over channels for each query",
  tags: ["low-rank", "linear"],
  table: () => ({
    perLayer: {
      text: "Nmd",
      letters: { m: "d" },
      at: ({ length, headDim }) => length * headDim * headDim,
    },
  }),
  source: "Shen et al. 2018, arXiv 1812.01243",
  params: {},
  text: () => "efficient",
  chain: () => [
    { step: "attend", to: "channels", queries: null, keys: "k", values: "v", scale: 1 },
    { step: "attend", to: "out", queries: "q", keys: null, values: "channels", scale: 1 },
  ],
  sumsToOne: true,
  exponent: () => 1,
});
