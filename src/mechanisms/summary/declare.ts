import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import type { TensorSpecs } from "../../core/tensor-spec.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * Attention through a few summaries: a chain of matrix steps from q, k, v and what the layer learns to the
 * output. Kernels carry out the chain, whatever variant it is of.
 */
export interface Summary extends Mechanism {
  readonly kind: "summary";
  /** In words, with the parameters, such as `linformer(256)`. */
  readonly text: string;
  /** The steps over this many queries and keys, heads `headDim` wide; the last one makes `out`. */
  readonly chain: (size: ChainSize) => readonly Step[];
  /** What the layer learns, by name. */
  readonly inputs: TensorSpecs;
  /** Whether it is defined causally; if it is not, a summary mixes tokens before and after. */
  readonly causal: boolean;
  /** Whether the weights of a row sum to 1, whatever the numbers are. */
  readonly sumsToOne: boolean;
}

/** What a chain may depend on. */
export interface ChainSize {
  readonly queries: number;
  readonly length: number;
  readonly headDim: number;
  readonly valueDim: number;
  readonly causal: boolean;
}

/**
 * A matrix by its name: `q`, `k`, `v`, one of the layer's inputs, or one that an earlier step made. A vector,
 * such as a bias, is a matrix of one column.
 */
export type Matrix = string;

/** One step. Each makes a matrix; `out` is the output. */
export type Step =
  | Means
  | Sum
  | Product
  | Attend
  | Weights
  | PseudoInverse
  | HalfSquares
  | LogSums
  | Convolve
  | Clusters
  | Spread;

interface Made {
  readonly to: Matrix;
}

/**
 * Row t is the mean of a segment of the rows of `of`: rows `⌊t·n/m⌋ … ⌊(t+1)·n/m⌋ - 1` of n if there are `count`
 * of them, or the `size` rows from `t·size` on, the last segment being shorter.
 */
export interface Means extends Made {
  readonly step: "means";
  readonly of: Matrix;
  readonly segments: { readonly count: number } | { readonly size: number };
}

/** `of[0] + of[1]`. */
export interface Sum extends Made {
  readonly step: "sum";
  readonly of: readonly [Matrix, Matrix];
}

/** `a·b`, or `aᵀ·b`. */
export interface Product extends Made {
  readonly step: "product";
  readonly a: Matrix;
  readonly b: Matrix;
  readonly transposed: boolean;
}

/**
 * Cross attention: row i is `Σ_j softmax_j(scale·queries_i·keys_j + bias_j) values_j`.
 */
export interface Attend extends Made {
  readonly step: "attend";
  readonly queries: Matrix;
  /** null for the unit vectors: the score of the j-th is the j-th channel of the query. */
  readonly keys: Matrix | null;
  readonly values: Matrix;
  readonly scale: number;
  /** What is added to the scores of each key. */
  readonly bias?: Matrix;
  /** The name under which `ln Σ_j exp(score_ij)` of each row is kept. */
  readonly logSums?: Matrix;
  /**
   * Query i attends the first `⌊(i + 1 + keysBefore) / ended⌋` keys alone, the summaries of blocks that have ended; a row
   * without any is 0. All keys if omitted.
   */
  readonly ended?: { readonly size: number; readonly keysBefore: number };
}

/** The weights themselves: `softmax_j(scale·queries_i·keys_j)`. */
export interface Weights extends Made {
  readonly step: "weights";
  readonly queries: Matrix;
  readonly keys: Matrix;
  readonly scale: number;
}

/**
 * Six steps towards the pseudo-inverse of a square matrix A: Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞), then Z ← ¼ Z (13 I - AZ (15 I -
 * AZ (7 I - AZ))). Xiong et al. 2021, arXiv 2102.03902, eq. 11. The six are part of the definition.
 */
export interface PseudoInverse extends Made {
  readonly step: "pseudo-inverse";
  readonly of: Matrix;
  readonly iterations: number;
}

/** A vector: `factor·|x_i|²/2` of each row. */
export interface HalfSquares extends Made {
  readonly step: "half-squares";
  readonly of: Matrix;
  readonly factor: number;
}

/**
 * A vector: `of_c - ln Σ_c' exp(scale·rows_c·rows_c' + bias_c')` for each row.
 */
export interface LogSums extends Made {
  readonly step: "less-log-sums";
  readonly of: Matrix;
  readonly rows: Matrix;
  readonly scale: number;
  readonly bias: Matrix;
}

/**
 * `of` plus the convolution of each column of `values` with the taps, a row of `1 × taps` a head, centred.
 */
export interface Convolve extends Made {
  readonly step: "convolve";
  readonly of: Matrix;
  readonly values: Matrix;
  readonly taps: Matrix;
}

/**
 * Clusters of rows by sign hashes and Lloyd's algorithm in Hamming space: Vyas et al. 2020, arXiv 2007.04825. Makes
 * the means of the clusters' rows, and keeps which cluster each row is in as `members`. An empty cluster has a mean of 0.
 */
export interface Clusters extends Made {
  readonly step: "clusters";
  readonly of: Matrix;
  /** `[bits, headDim + 1]`: a plane a row, its threshold last. */
  readonly planes: Matrix;
  readonly count: number;
  readonly members: Matrix;
}

/**
 * Row i is the row of `of` that belongs to its cluster. With `keys` above 0 the weight of the cluster's
 * best keys is redistributed by each query's own softmax over them: improved clustered attention.
 */
export interface Spread extends Made {
  readonly step: "spread";
  readonly of: Matrix;
  readonly members: Matrix;
  readonly improved?: {
    readonly keys: number;
    readonly queries: Matrix;
    readonly means: Matrix;
    readonly scale: number;
  };
}

/** Whether a mechanism is attention through summaries. */
export function isSummary(mechanism: Mechanism): mechanism is Summary {
  return mechanism.kind === "summary";
}

/** Declares a variant that attends through summaries. */
export function summary<const P extends Parameters>(
  declaration: Declaration<P> & {
    text: (values: ValuesOf<P>) => string;
    chain: (values: ValuesOf<P>, size: ChainSize) => readonly Step[];
    inputs?: (values: ValuesOf<P>) => TensorSpecs;
    /** false if omitted. */
    causal?: boolean;
    sumsToOne: boolean;
  },
): Variant {
  const { text, chain, inputs, causal = false, sumsToOne } = declaration;
  return declareVariant(
    declaration,
    (values): Summary => ({
      kind: "summary",
      text: text(values),
      chain: (size) => chain(values, size),
      inputs: inputs?.(values) ?? {},
      causal,
      sumsToOne,
    }),
  );
}
