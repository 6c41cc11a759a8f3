import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import type { Shape } from "../../core/shape.ts";
import type { TensorSpecs } from "../../core/tensor-spec.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";
import type { AttendBlocks, Balance, MixBlocks } from "./block-steps.ts";

export type { AttendBlocks, Balance, MixBlocks } from "./block-steps.ts";

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
  /** Why it is not defined for a shape; null if it is. Omitted if it is for any. */
  readonly whyNot?: (shape: Shape) => string | null;
  /** Whether it is defined causally; if it is not, a summary mixes tokens before and after. */
  readonly causal: boolean;
  /** Whether the weights of a row sum to 1, whatever the numbers are. */
  readonly sumsToOne: boolean;
  /** The factor on q·k that a call gives; 1/√d if it gives none. */
  readonly scale?: number;
}

/** What a chain may depend on. */
export interface ChainSize {
  readonly queries: number;
  readonly length: number;
  readonly headDim: number;
  readonly valueDim: number;
  readonly causal: boolean;
  /** The factor on q·k. */
  readonly scale: number;
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
  | LogSizes
  | LogSums
  | Convolve
  | Clusters
  | Spread
  | Balance
  | MixBlocks
  | AttendBlocks;

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
  readonly segments: Segments;
  /** false if the source does not count its additions among the operations that the mathematics takes. */
  readonly counted?: false;
}

/** Consecutive rows: so many segments, or segments of so many rows. */
export type Segments = { readonly count: number } | { readonly size: number };

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
  /** null for the unit vectors, as many as keys have channels: the i-th scores a key by its i-th channel. */
  readonly queries: Matrix | null;
  /** null for the unit vectors: the score of the j-th is the j-th channel of the query. Not both are null. */
  readonly keys: Matrix | null;
  readonly values: Matrix;
  /** Other values under the same weights, and the matrices that they make. */
  readonly also?: readonly { readonly to: Matrix; readonly values: Matrix }[];
  readonly scale: number;
  /** What is added to the scores of each key. */
  readonly bias?: Matrix;
  /** The name under which `ln Σ_j exp(score_ij)` of each row is kept. */
  readonly logSums?: Matrix;
  /**
   * Query i attends the first `⌊(i + 1 + keysBefore) / size⌋` keys alone, the summaries of blocks that have ended; a
   * row without any is 0. `keysBefore` are the keys before the first query's own, below 0 if queries stand before the
   * first key. All keys if omitted.
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

/** A vector: `ln` of the number of rows in each segment of `of`. */
export interface LogSizes extends Made {
  readonly step: "log-sizes";
  readonly of: Matrix;
  readonly segments: Segments;
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
 * `of` plus the convolution of each column of `values` with the taps, `1 × taps` a head: to row i of n come
 * `Σ_t taps_t · values_{i + rows - n + t - ⌊taps/2⌋}`, the last row standing at the last of the rows of `values`, and 0
 * outside.
 */
export interface Convolve extends Made {
  readonly step: "convolve";
  readonly of: Matrix;
  readonly values: Matrix;
  readonly taps: Matrix;
}

/**
 * Clusters of rows by sign hashes and Lloyd's algorithm in Hamming space: Vyas et al. 2020, arXiv 2007.04825. Bit b
 * of a row is 1 if `planes_b·x > threshold_b`. Centres are at first the codes of drawn rows, and no more than there are
 * rows; 10 times each row goes to the nearest, the first of those as near, and 9 times between these a centre takes the
 * bits that more than half of its rows have, or stays if it has none. Makes the means of the clusters' rows, 0 for a
 * cluster without any, and keeps as `members` which cluster each row is in. What is decided is decided in float64.
 */
export interface Clusters extends Made {
  readonly step: "clusters";
  readonly of: Matrix;
  /** `[bits, headDim + 1]`: a plane a row, its threshold last. */
  readonly planes: Matrix;
  /** `[1, count]`: the rows whose codes the centres are at first, rounded down, the last row for those beyond it. */
  readonly starts: Matrix;
  readonly count: number;
  readonly members: Matrix;
}

/** Row i is the row of `of` that belongs to its cluster. */
export interface Spread extends Made {
  readonly step: "spread";
  readonly of: Matrix;
  readonly members: Matrix;
  readonly improved?: Improved;
}

/**
 * Improved clustered attention: the weight `softmax_j(scale·means_c·keys_j)` that a cluster's mean gives to its
 * `count` best keys, the first of those as good, is given to the same keys by each query's own softmax over them, and
 * the rest stays. Which keys are best is decided in float64.
 */
export interface Improved {
  readonly count: number;
  readonly queries: Matrix;
  readonly means: Matrix;
  readonly keys: Matrix;
  readonly values: Matrix;
  readonly scale: number;
}

/** The chain of a mechanism over a shape. */
export function chainOf(mechanism: Summary, shape: Shape, causal: boolean): readonly Step[] {
  const { queries, length, headDim, valueDim } = shape;
  const { scale = 1 / Math.sqrt(headDim) } = mechanism;
  return mechanism.chain({ queries, length, headDim, valueDim, causal, scale });
}

/** A chain that can be decoded: each token attends the means of blocks of tokens that have ended. */
export interface Pooling {
  /** Tokens in a block. */
  readonly size: number;
  readonly scale: number;
}

/** How a chain pools the tokens before a query, if that is all that it does; null if it does something else. */
export function poolingOf(chain: readonly Step[]): Pooling | null {
  const last = chain.at(-1);
  if (last?.step !== "attend" || last.ended === undefined || last.queries !== "q") return null;
  const { size } = last.ended;
  const pools = (made: Matrix | null, of: Matrix): boolean => {
    const step = chain.find(({ to }) => to === made);
    return step?.step === "means" && step.of === of && "size" in step.segments && step.segments.size === size;
  };
  return pools(last.keys, "k") && pools(last.values, "v") ? { size, scale: last.scale } : null;
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
    /** Why it is not defined for a shape; null if it is. Omitted if it is for any. */
    whyNot?: (values: ValuesOf<P>, shape: Shape) => string | null;
    /** false if omitted. */
    causal?: boolean;
    sumsToOne: boolean;
  },
): Variant {
  const { text, chain, inputs, whyNot, causal = false, sumsToOne } = declaration;
  return declareVariant(
    declaration,
    (values): Summary => ({
      kind: "summary",
      text: text(values),
      chain: (size) => chain(values, size),
      inputs: inputs?.(values) ?? {},
      ...(whyNot && { whyNot: (shape) => whyNot(values, shape) }),
      causal,
      sumsToOne,
    }),
  );
}
