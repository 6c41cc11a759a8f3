import { int, optionalInt } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";

/**
 * Local (truncated, sliding-window) attention: keys up to `window` tokens away on each side, including the
 * query's own.
 *
 * Elsewhere: Longformer's `attention_window` is 2·window; FlashAttention's `window_size` is (left, right);
 * Mistral's `sliding_window` W is causal with left = W - 1.
 */
export const local = softmaxPattern({
  id: "local",
  title: "Local",
  summary: "keys up to a distance on each side",
  aliases: ["truncated", "sliding-window"],
  tags: ["core", "sparse", "lra"],
  arena: "Local Attention",
  source: "Parmar et al. 2018, arXiv 1802.05751; Beltagy, Peters, Cohan 2020, arXiv 2004.05150",
  params: {
    window: int(128, {
      unit: "keys on each side",
      meaning: "reach on both sides",
      probe: 5,
      fullAt: (n) => n,
    }),
    left: optionalInt({ unit: "keys", meaning: "reach to the past instead of window" }),
    right: optionalInt({ unit: "keys", meaning: "reach to the future instead of window" }),
  },
  pattern: ({ window, left, right }) => band(left ?? window, right ?? window),
  exponent: () => 1,
});
