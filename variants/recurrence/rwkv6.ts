import { real } from "../../src/core/parameters.ts";
import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * Finch, RWKV-6: a token is read before it is written, and itself by a bonus u: `out = (S + u k vᵀ)ᵀ q / √d`, then `S ←
 * diag(w) S + k vᵀ`, where channel c decays by `ln w = -exp(-6 + 5 (c / (d-1))^0.7 + W k)`.
 *
 * Departs: the bonus is one number, where the authors learn one a channel; decays are made of k, with W drawn from N(0, 1/d),
 * or given as `g`. The token shift, the norm and the output's gate are a layer's, outside.
 */
export const rwkv6 = recurrence({
  id: "rwkv6",
  title: "RWKV-6",
  summary: "decays of each channel and token, and a bonus for the token itself",
  aliases: ["finch"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Peng et al. 2024, arXiv 2404.05892",
  params: {
    bonus: real(0.5, { unit: "u", meaning: "the weight of a token for itself" }),
    seed,
  },
  recurrence: ({ bonus, seed: drawn }) => ({
    decay: { form: "exponential", per: "channel", stream: "rwkv6/w", seed: drawn },
    bonus,
  }),
  exponent: () => 1,
});
