import { FLOAT_BYTES } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { type FeatureRow, featureRow } from "./features.ts";

/** Bytes of a float64. */
const DOUBLE_BYTES = 2 * FLOAT_BYTES;

/**
 * Linear attention as a recurrent network, in float64: the states `S = Σ_j φ(k_j) v_jᵀ` `[d, d]` and `z = Σ_j
 * φ(k_j)` `[d]` of several heads, and what reads and writes them. Katharopoulos et al. 2020, arXiv
 * 2006.16236, eq. 16 to 20.
 */
export class RecurrentStates {
  readonly stateBytes: number;
  /** Bytes of scratch. */
  readonly workspaceBytes: number;
  readonly #phi: FeatureRow;
  readonly #epsilon: number;
  readonly #sums: readonly Float64Array[];
  readonly #normalisers: readonly Float64Array[];
  readonly #key: Float64Array;
  readonly #query: Float64Array;
  readonly #output: Float64Array;

  constructor({ feature, epsilon }: FeatureMap, heads: number, headDim: number) {
    this.#phi = featureRow(feature);
    this.#epsilon = epsilon;
    this.#sums = Array.from({ length: heads }, () => new Float64Array(headDim * headDim));
    this.#normalisers = Array.from({ length: heads }, () => new Float64Array(headDim));
    this.#key = new Float64Array(headDim);
    this.#query = new Float64Array(headDim);
    this.#output = new Float64Array(headDim);
    this.stateBytes = heads * (headDim * headDim + headDim) * DOUBLE_BYTES;
    this.workspaceBytes = 3 * headDim * DOUBLE_BYTES;
  }

  clear(): void {
    for (const sum of this.#sums) sum.fill(0);
    for (const normaliser of this.#normalisers) normaliser.fill(0);
  }

  /** Adds the token whose key and value begin at `at` to the state of a head. */
  takeIn(head: number, k: Float32Array, v: Float32Array, at: number): void {
    const sum = this.#sums[head];
    const normaliser = this.#normalisers[head];
    const key = this.#key;
    const headDim = key.length;
    this.#phi(k, at, key);
    for (let i = 0; i < headDim; i++) {
      const weight = key[i];
      normaliser[i] += weight;
      const row = i * headDim;
      for (let column = 0; column < headDim; column++) sum[row + column] += weight * v[at + column];
    }
  }

  /** The same in one pass with `φ(q)ᵀS / (φ(q)·z + ε)`, which is written at `at` of `out`. */
  step(head: number, q: Float32Array, k: Float32Array, v: Float32Array, at: number, out: Float32Array): void {
    const sum = this.#sums[head];
    const normaliser = this.#normalisers[head];
    const key = this.#key;
    const query = this.#query;
    const output = this.#output;
    const headDim = key.length;
    this.#phi(k, at, key);
    this.#phi(q, at, query);
    // Starting at 0: a sum that starts with a field would be kept on the heap.
    let divisor = 0;
    output.fill(0);
    for (let i = 0; i < headDim; i++) {
      const weight = key[i];
      const read = query[i];
      normaliser[i] += weight;
      divisor += read * normaliser[i];
      const row = i * headDim;
      for (let column = 0; column < headDim; column++) {
        const updated = sum[row + column] + weight * v[at + column];
        sum[row + column] = updated;
        output[column] += read * updated;
      }
    }
    divisor += this.#epsilon;
    for (let column = 0; column < headDim; column++) out[at + column] = output[column] / divisor;
  }
}
