import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";
import { firstTokens } from "../../src/pattern/first-tokens.ts";
import { layersOver, neverPast } from "../../src/pattern/path-lengths.ts";
import { union } from "../../src/pattern/union.ts";

/**
 * StreamingLLM: the first tokens, as attention sinks, beside the last `window` tokens, of which the query's
 * own is one. Decoding keeps a constant number of keys, `sinks + window`.
 *
 * Departs: the paper numbers positions within the cache for its rotary embedding; there are no positions here.
 * Not causal unless the run is: the window goes to the past, and early rows also see sinks that follow them.
 */
export const streaming = softmaxPattern({
  id: "streaming",
  title: "Streaming",
  summary: "the first tokens and the last ones, so that decoding keeps few keys",
  aliases: ["attention-sinks", "streaming-llm"],
  tags: ["sparse"],
  source: "Xiao et al. 2023, arXiv 2309.17453",
  params: {
    sinks: int(4, { unit: "tokens", meaning: "first tokens that stay visible", probe: 2, fullAt: (n) => n }),
    window: int(512, { least: 1, unit: "tokens", meaning: "last tokens, with the query's own", probe: 5 }),
  },
  table: ({ sinks, window }, causal) => ({
    path: [
      causal
        ? {
            text: "⌈(N − 1 − g)/(w − 1)⌉",
            letters: { g: sinks, w: window },
            at: ({ length }) => Math.max(1, layersOver(length - 1 - sinks, window - 1)),
          }
        : neverPast(Math.max(1, sinks)),
    ],
  }),
  pattern({ sinks, window }) {
    const recent = band(window - 1, 0);
    return sinks === 0 ? recent : union(firstTokens(sinks), recent);
  },
  exponent: () => 1,
});
