/**
 * How the scores of a row become weights, where that is not softmax. `n` is the number of keys that the row
 * attends.
 */
export type Normaliser =
  /** `relu(s) / n^alpha`: Wortsman et al. 2023, arXiv 2309.08586. */
  | { readonly kind: "relu"; readonly alpha: number }
  /** `σ(s + bias)`, -ln n if the bias is null: Ramapuram et al. 2024, arXiv 2409.04431. */
  | { readonly kind: "sigmoid"; readonly bias: number | null }
  /**
   * Softmax with one more key, whose score is `logit` and whose value is 0: Miller 2023, "Attention is off by
   * one"; gpt-oss's sinks.
   */
  | { readonly kind: "sink"; readonly logit: number };
