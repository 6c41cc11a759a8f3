import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { channelFactor, type Favor, type FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Learned } from "./features/learned.ts";
import { Projection } from "./features/projection.ts";
import type { RecurrentStates } from "./recurrent-state.ts";

/** Bytes of a float64. */
const DOUBLE_BYTES = 2 * FLOAT_BYTES;

/**
 * FAVOR+ as a recurrent network, in float64: each feature is a softmax over the keys so far, with the largest
 * exponent `w_r·k' - |k'|²/2` so far, the sum of the exponentials relative to it, and that of the weighted
 * values. A query is a softmax over the features. Nothing overflows, and no row is divided by 0. Choromanski
 * et al. 2020, arXiv 2009.14794, lemma 1; Milakov and Gimelshein 2018, arXiv 1805.02867, algorithm 3.
 */
export class FavorStates implements RecurrentStates {
  readonly features: number;
  readonly stateBytes: number;
  readonly workspaceBytes: number;
  readonly #projections: readonly Projection[];
  readonly #factor: number;
  /** A state: `[features, valueDim + 2]`, of a feature its values, their weights, and the exponent. */
  readonly #states: readonly Float64Array[];
  readonly #x: Float64Array;
  readonly #exponents: Float64Array;
  readonly #value: Float64Array;
  readonly #output: Float64Array;

  constructor(mechanism: FeatureMap, { features }: Favor, shape: Shape, count: number, learners: number) {
    const { headDim, valueDim } = shape;
    this.features = features;
    this.#factor = channelFactor(mechanism, headDim);
    this.#projections = Array.from({ length: learners }, () => new Projection(features, headDim));
    this.#states = Array.from({ length: count }, () => new Float64Array(features * (valueDim + 2)));
    this.#x = new Float64Array(headDim);
    this.#exponents = new Float64Array(features);
    this.#value = new Float64Array(valueDim);
    this.#output = new Float64Array(valueDim);
    this.stateBytes = count * features * (valueDim + 2) * DOUBLE_BYTES;
    const projected = this.#projections.reduce((sum, { bytes }) => sum + bytes, 0);
    this.workspaceBytes = (headDim + features + 2 * valueDim) * DOUBLE_BYTES + projected;
    this.clear();
  }

  learn(kvHead: number, learned: Learned): void {
    learned(kvHead, this.#projections[kvHead % this.#projections.length]);
  }

  clear(): void {
    const valueDim = this.#output.length;
    for (const state of this.#states) {
      state.fill(0);
      for (let at = valueDim + 1; at < state.length; at += valueDim + 2) state[at] = Number.NEGATIVE_INFINITY;
    }
  }

  /** `w_r·x'` of a row, for every feature. */
  #project(state: number, from: Float32Array, at: number): void {
    const x = this.#x;
    for (let c = 0; c < x.length; c++) x[c] = from[at + c] * this.#factor;
    this.#projections[state % this.#projections.length].apply(x, 1, this.#exponents);
  }

  takeIn(state: number, k: Float32Array, keyAt: number, v: Float32Array, valueAt: number): void {
    this.#project(state, k, keyAt);
    const sums = this.#states[state];
    const exponents = this.#exponents;
    const x = this.#x;
    const value = this.#value;
    const valueDim = value.length;
    for (let column = 0; column < valueDim; column++) value[column] = v[valueAt + column];
    let half = 0;
    for (let c = 0; c < x.length; c++) half += x[c] * x[c];
    half /= 2;
    for (let r = 0, at = 0; r < exponents.length; r++, at += valueDim + 2) {
      const exponent = exponents[r] - half;
      const largest = sums[at + valueDim + 1];
      let weight = 1;
      if (exponent > largest) {
        const factor = Math.exp(largest - exponent);
        for (let column = 0; column <= valueDim; column++) sums[at + column] *= factor;
        sums[at + valueDim + 1] = exponent;
      } else weight = Math.exp(exponent - largest);
      for (let column = 0; column < valueDim; column++) sums[at + column] += weight * value[column];
      sums[at + valueDim] += weight;
    }
  }

  read(state: number, q: Float32Array, queryAt: number, out: Float32Array, outAt: number): void {
    this.#project(state, q, queryAt);
    const sums = this.#states[state];
    const exponents = this.#exponents;
    const output = this.#output;
    const valueDim = output.length;
    let largest = Number.NEGATIVE_INFINITY;
    for (let r = 0; r < exponents.length; r++) {
      exponents[r] += sums[r * (valueDim + 2) + valueDim + 1];
      if (exponents[r] > largest) largest = exponents[r];
    }
    let divisor = 0;
    output.fill(0);
    for (let r = 0, at = 0; r < exponents.length; r++, at += valueDim + 2) {
      const weight = Math.exp(exponents[r] - largest);
      for (let column = 0; column < valueDim; column++) output[column] += weight * sums[at + column];
      divisor += weight * sums[at + valueDim];
    }
    for (let column = 0; column < valueDim; column++) out[outAt + column] = output[column] / divisor;
  }
}
