import { choice, real } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { checkedTurn, FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { TURN_LAYOUTS } from "../../src/pairwise/turn.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * Rotary positions: full attention of queries and keys whose channels are turned, in pairs, by their position.
 * Layout `interleaved` pairs neighbours (RoFormer, GPT-J), `half` the two halves of a head (GPT-NeoX, LLaMA).
 */
export const rope = softmaxPattern({
  id: "rope",
  title: "RoPE",
  summary: "q and k are turned by their positions",
  aliases: ["rotary"],
  tags: ["dense", "turn"],
  source: "Su et al. 2021, arXiv 2104.09864",
  params: {
    layout: choice(TURN_LAYOUTS, { meaning: "which channels make a pair", probe: "half" }),
    base: real(FORM_DEFAULTS.base, {
      least: 1,
      unit: "base of a power",
      meaning: "how much slower later pairs turn",
      probe: 100,
    }),
  },
  pattern: () => everything(),
  turn: (values) => checkedTurn(values),
  exponent: () => 2,
});
