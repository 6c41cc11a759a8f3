import { cell } from "../../src/mechanisms/cell/declare.ts";

/**
 * minGRU: a gated recurrent unit whose gate sees the token alone, so that a scan over tokens can take the place of the
 * loop: `z = σ(k)`, `h ← (1 - z) h + z v`.
 *
 * Departs: the projections of the token are given, k for the gate and v for the candidate, which is v itself and not the
 * g(v) of the paper's form in logarithms; h begins at 0. Inputs q are not read.
 */
export const minGru = cell({
  id: "min-gru",
  title: "minGRU",
  summary: "a gate that sees the token alone blends it into the state",
  tags: ["baseline", "recurrent"],
  source: "Feng et al. 2024, arXiv 2410.01201",
  params: {},
  cell: () => ({ cell: "min-gru" }),
  exponent: () => 1,
});
