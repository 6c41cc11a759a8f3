import type { Means } from "../products/operations.ts";
import type { ChainMatrices } from "./matrices.ts";

/** What steps are planned with. */
export interface Planning {
  readonly matrices: ChainMatrices;
  readonly means: Means;
  /** An array that holds 1. */
  readonly ones: Float32Array;
}
