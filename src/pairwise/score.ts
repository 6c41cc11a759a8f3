/** How the score of a pair is made of its query and key, where that is not their scaled product. */
export type Score =
  /**
   * `Σ_c w_c tanh(q_c + k_c)`: Bahdanau, Cho, Bengio 2014, arXiv 1409.0473, eq. 6; the paper's projections are
   * those that made q and k.
   */
  | { readonly kind: "tanh"; readonly seed: number }
  /** `Σ_c w_c leaky(q_c + k_c)`: Brody, Alon, Yahav 2021, arXiv 2105.14491. */
  | { readonly kind: "leaky"; readonly seed: number; readonly slope: number }
  /**
   * `leaky(a·q + b·k)`: Veličković et al. 2017, arXiv 1710.10903. One number of the query and one of the key
   * decide.
   */
  | { readonly kind: "split"; readonly seed: number; readonly slope: number };

/** The leaky rectifier: the number itself, or `slope` of it if it is negative. */
export function leaky(x: number, slope: number): number {
  return x >= 0 ? x : slope * x;
}

/** The learned vectors of a score, `[heads, 1, headDim]` each: their names, and those of their random streams. */
export function vectorsOf(score: Score | undefined): Readonly<Record<string, string>> {
  switch (score?.kind) {
    case undefined:
      return {};
    case "tanh":
      return { w: "additive/w" };
    case "leaky":
      return { w: "gatv2/a" };
    case "split":
      return { a: "gat/a", b: "gat/b" };
    default:
      return score satisfies never;
  }
}
