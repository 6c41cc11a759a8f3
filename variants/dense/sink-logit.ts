import { ANY_NUMBER, real } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * Softmax with a sink: every row has one more key, whose score is given and whose value is 0, so that it may
 * attend nothing. With score 0 this is softmax1.
 *
 * Departs: gpt-oss learns a score per head; here all heads have the same.
 */
export const sinkLogit = softmaxPattern({
  id: "sink-logit",
  title: "Sink logit",
  summary: "softmax with one more key, of value 0",
  aliases: ["softmax1", "off-by-one"],
  tags: ["dense", "normaliser"],
  source: "Miller 2023, Attention is off by one; OpenAI 2025, gpt-oss, arXiv 2508.10925",
  params: {
    bias: real(FORM_DEFAULTS.logit, {
      least: ANY_NUMBER,
      unit: "as scores",
      meaning: "score of the sink",
      probe: 2,
    }),
  },
  pattern: () => everything(),
  normaliser: ({ bias }) => ({ kind: "sink", logit: bias }),
  exponent: () => 2,
});
