import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";

/**
 * Global attention: the first `tokens` tokens attend to every token and are attended by every token. As in
 * BigBird-ITC.
 */
export const global = softmaxPattern({
  id: "global",
  title: "Global",
  summary: "the first tokens see all and are seen by all, and nothing else is seen",
  aliases: ["global-tokens"],
  tags: ["core", "sparse"],
  source: "Beltagy, Peters, Cohan 2020, arXiv 2004.05150; Zaheer et al. 2020, arXiv 2007.14062, section 2",
  params: {
    tokens: int(16, {
      least: 1,
      unit: "tokens",
      meaning: "global tokens at the start",
      probe: 2,
      fullAt: (n) => n,
    }),
  },
  pattern: ({ tokens }) => globalTokens(tokens),
  exponent: () => 1,
});
