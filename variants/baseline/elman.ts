import { cell } from "../../src/mechanisms/cell/declare.ts";
import { seed } from "./seed.ts";

/**
 * The simple recurrent network, what came before attention: `h ← tanh(W v + U h)`. On inputs of the usual size it forgets,
 * so that float32 stays close however long the sequence is (Pascanu et al. 2012, arXiv 1211.5063, say when); with larger
 * weights of one's own it may not, and its cases end as unproven.
 *
 * Departs: it reads v, and neither q nor k; W and U are drawn, N(0, 1/d), and there are no biases.
 */
export const elman = cell({
  id: "elman",
  title: "Elman network",
  summary: "the simple recurrent network: tanh of the token and the state before it",
  aliases: ["rnn-tanh"],
  tags: ["baseline", "recurrent"],
  source: "Elman 1990, doi 10.1207/s15516709cog1402_1; Pascanu et al. 2012, arXiv 1211.5063",
  params: { seed },
  cell: (values) => ({ cell: "elman", seed: values.seed }),
  exponent: () => 1,
});
