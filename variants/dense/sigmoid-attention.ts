import { ANY_NUMBER, optionalReal } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * A logistic function in the place of softmax: weights `σ(s + b)`, b being -ln n for a row of n keys unless it
 * is given.
 *
 * Departs: the paper takes -ln N in causal rows, too; -ln n is the same if not causal, and makes a causal row
 * the same in a longer sequence.
 */
export const sigmoidAttention = softmaxPattern({
  id: "sigmoid-attention",
  title: "Sigmoid attention",
  summary: "a logistic function in place of softmax",
  aliases: ["sigmoid"],
  tags: ["dense", "normaliser"],
  source: "Ramapuram et al. 2024, arXiv 2409.04431",
  params: {
    bias: optionalReal({
      least: ANY_NUMBER,
      unit: "as scores",
      meaning: "added to every score; -ln n if none",
      probe: -2,
    }),
  },
  pattern: () => everything(),
  normaliser: ({ bias }) => ({ kind: "sigmoid", bias }),
  exponent: () => 2,
});
