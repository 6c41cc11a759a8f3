import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { t5Bias as bucketBias } from "../../src/pairwise/t5-bias.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * T5's relative position bias: full attention to whose scores a learned number is added for each range of
 * distances. The table is drawn, from N(0, 1).
 *
 * Departs: T5 has no factor 1/√d, which is folded into its initialisation; here scores have it, as elsewhere.
 */
export const t5Bias = softmaxPattern({
  id: "t5-bias",
  title: "T5 bias",
  summary: "a learned number is added to scores, by range of distance",
  aliases: ["t5"],
  tags: ["dense", "bias"],
  source: "Raffel et al. 2019, arXiv 1910.10683",
  params: {
    buckets: int(FORM_DEFAULTS.buckets, {
      least: 4,
      unit: "numbers",
      meaning: "ranges of distances, if not causal half of them for keys after the query",
      probe: 8,
    }),
    distance: int(FORM_DEFAULTS.distance, {
      least: 5,
      unit: "tokens",
      meaning: "from here on all share one number",
      probe: 20,
    }),
    seed: int(FORM_DEFAULTS.seed, { unit: "seed", meaning: "which numbers are drawn" }),
  },
  pattern: () => everything(),
  bias: (values) => bucketBias(values),
  exponent: () => 2,
});
