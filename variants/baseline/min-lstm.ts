import { cell } from "../../src/mechanisms/cell/declare.ts";

/**
 * minLSTM: an LSTM whose gates see the token alone, and share 1 between forgetting and writing: `f = σ(q) / (σ(q) +
 * σ(k))`, `h ← f h + (1 - f) v`.
 *
 * Departs: the projections of the token are given, q for the forget gate, k for the input gate and v for the candidate,
 * as in the paper's plain form; h begins at 0. The parallel form of lucidrains/minGRU-pytorch is wrong where it goes on
 * from a state, whose logarithm it takes through the candidate's map.
 */
export const minLstm = cell({
  id: "min-lstm",
  title: "minLSTM",
  summary: "two gates that see the token alone share 1 between old and new",
  tags: ["baseline", "recurrent"],
  source: "Feng et al. 2024, arXiv 2410.01201",
  params: {},
  cell: () => ({ cell: "min-lstm" }),
  exponent: () => 1,
});
