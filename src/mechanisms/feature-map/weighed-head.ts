import type { Numbers } from "../../core/tensors.ts";
import type { Rounding } from "../oracle.ts";
import type { FeatureMap } from "./declare.ts";

/** What weights are made of: one head of k, and the heads of q that read it. */
export interface WeighedHead {
  readonly mechanism: FeatureMap;
  readonly q: Numbers;
  readonly k: Numbers;
  /** What the layer learned for this head, `[rows, headDim]`; empty if nothing. */
  readonly learned: Float64Array;
  readonly headDim: number;
  /** Keys of the whole sequence. */
  readonly length: number;
  /** How many queries are asked for. */
  readonly queries: number;
  readonly round: Rounding;
}

/** The weights `φ(q)·φ(k)` of one key for several queries. */
export interface PairWeights {
  /** Takes in the query at `at` of q and this position, as the `index`-th of those asked for. */
  query(index: number, at: number, position: number): void;
  /** Weighs the key at `at` of k and this position for the first `count` queries. */
  key(at: number, position: number, count: number): void;
  /** For each query, the weight of the last key; its logarithm if `logarithmic`. */
  readonly weights: Float64Array;
  readonly logarithmic: boolean;
  /**
   * How far float32 roundings of what goes into it may move each weight, in units of ε, through the features
   * that it is a sum of; in units of ε times the weight if `logarithmic`.
   */
  readonly moved: Float64Array;
  /** What each weight loses at most if features of the query are subnormal, in units of the least number. */
  readonly lost: Float64Array;
}

/** Arrays for the weights of so many queries. */
export function outcome(queries: number): Pick<PairWeights, "weights" | "moved" | "lost"> {
  return {
    weights: new Float64Array(queries),
    moved: new Float64Array(queries),
    lost: new Float64Array(queries),
  };
}
