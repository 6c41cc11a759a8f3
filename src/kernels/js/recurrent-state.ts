import { FLOAT_BYTES } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { type FeatureRow, featureRow } from "./features.ts";

/** Bytes of a float64. */
const DOUBLE_BYTES = 2 * FLOAT_BYTES;

/**
 * Linear attention as a recurrent network, in float64: the states `S = Σ_j φ(k_j) v_jᵀ` `[headDim, valueDim]`
 * and `z = Σ_j φ(k_j)` `[headDim]` of several heads of k and v, and what reads and writes them. Katharopoulos
 * et al. 2020, arXiv 2006.16236, eq. 16 to 20.
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

  constructor({ feature, epsilon }: FeatureMap, states: number, headDim: number, valueDim: number) {
    this.#phi = featureRow(feature);
    this.#epsilon = epsilon;
    this.#sums = Array.from({ length: states }, () => new Float64Array(headDim * valueDim));
    this.#normalisers = Array.from({ length: states }, () => new Float64Array(headDim));
    this.#key = new Float64Array(headDim);
    this.#query = new Float64Array(headDim);
    this.#output = new Float64Array(valueDim);
    this.stateBytes = states * headDim * (valueDim + 1) * DOUBLE_BYTES;
    this.workspaceBytes = (2 * headDim + valueDim) * DOUBLE_BYTES;
  }

  clear(): void {
    for (const sum of this.#sums) sum.fill(0);
    for (const normaliser of this.#normalisers) normaliser.fill(0);
  }

  /** Adds the token whose key and value begin at `keyAt` and `valueAt` to a state. */
  takeIn(state: number, k: Float32Array, keyAt: number, v: Float32Array, valueAt: number): void {
    const sum = this.#sums[state];
    const normaliser = this.#normalisers[state];
    const key = this.#key;
    const headDim = key.length;
    const valueDim = this.#output.length;
    this.#phi(k, keyAt, key);
    for (let i = 0; i < headDim; i++) {
      const weight = key[i];
      normaliser[i] += weight;
      const row = i * valueDim;
      for (let column = 0; column < valueDim; column++) sum[row + column] += weight * v[valueAt + column];
    }
  }

  /** Writes `φ(q)ᵀS / (φ(q)·z + ε)` of the query that begins at `queryAt` at `outAt` of `out`. */
  read(state: number, q: Float32Array, queryAt: number, out: Float32Array, outAt: number): void {
    const sum = this.#sums[state];
    const normaliser = this.#normalisers[state];
    const query = this.#query;
    const output = this.#output;
    const headDim = query.length;
    const valueDim = output.length;
    this.#phi(q, queryAt, query);
    // Starting at 0: a sum that starts with a field would be kept on the heap.
    let divisor = 0;
    output.fill(0);
    for (let i = 0; i < headDim; i++) {
      const read = query[i];
      divisor += read * normaliser[i];
      const row = i * valueDim;
      for (let column = 0; column < valueDim; column++) output[column] += read * sum[row + column];
    }
    divisor += this.#epsilon;
    for (let column = 0; column < valueDim; column++) out[outAt + column] = output[column] / divisor;
  }

  /** `takeIn` and then `read`, in one pass over the state. */
  step(
    state: number,
    q: Float32Array,
    queryAt: number,
    k: Float32Array,
    keyAt: number,
    v: Float32Array,
    valueAt: number,
    out: Float32Array,
    outAt: number,
  ): void {
    const sum = this.#sums[state];
    const normaliser = this.#normalisers[state];
    const key = this.#key;
    const query = this.#query;
    const output = this.#output;
    const headDim = key.length;
    const valueDim = output.length;
    this.#phi(k, keyAt, key);
    this.#phi(q, queryAt, query);
    // As in `read`.
    let divisor = 0;
    output.fill(0);
    for (let i = 0; i < headDim; i++) {
      const weight = key[i];
      const read = query[i];
      normaliser[i] += weight;
      divisor += read * normaliser[i];
      const row = i * valueDim;
      for (let column = 0; column < valueDim; column++) {
        const updated = sum[row + column] + weight * v[valueAt + column];
        sum[row + column] = updated;
        output[column] += read * updated;
      }
    }
    divisor += this.#epsilon;
    for (let column = 0; column < valueDim; column++) out[outAt + column] = output[column] / divisor;
  }
}
