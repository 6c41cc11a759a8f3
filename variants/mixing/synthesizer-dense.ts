import { int } from "../../src/core/parameters.ts";
import { synthesizer } from "../../src/mechanisms/synthesizer/declare.ts";

/**
 * Dense Synthesizer: a layer of two matrices makes the logits of a row from its query alone, `B_i = W₂ relu(W₁
 * q_i)`, and k is not read. It is softmax attention whose queries are relu(W₁ q) and whose keys are the rows of
 * W₂, one a position. W₁ (d × d) and W₂ (N × d) are drawn from N(0, 1/d).
 *
 * Departs: Long Range Arena's code reshapes [batch, query, head, N] to [batch, head, query, N] without a
 * transpose, which scrambles queries and heads; here they stay where they are.
 */
export const synthesizerDense = synthesizer({
  id: "synthesizer-dense",
  title: "Synthesizer, dense",
  summary: "two learned matrices make a query's logits, and keys are not read",
  tags: ["mixing"],
  source: "Tay et al. 2020, arXiv 2005.00743",
  params: { seed: int(0, { unit: "seed", meaning: "which numbers are drawn" }) },
  logits: () => ({ kind: "dense" }),
  seed: ({ seed }) => seed,
  exponent: () => 2,
});
