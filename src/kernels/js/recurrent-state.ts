import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { FavorStates } from "./favor-states.ts";
import { type FeatureRows, featureRows } from "./features/feature-rows.ts";
import type { Learned } from "./features/learned.ts";

/** Bytes of a float64. */
const DOUBLE_BYTES = 2 * FLOAT_BYTES;

/** States of several heads of k and v, and what reads and writes them. */
export interface RecurrentStates {
  /** Features of a state. */
  readonly features: number;
  readonly stateBytes: number;
  /** Bytes of scratch. */
  readonly workspaceBytes: number;
  /** Takes in what the layer learned for a head of k and v. */
  learn(kvHead: number, learned: Learned): void;
  clear(): void;
  /** Adds the token of this position whose key and value begin at `keyAt` and `valueAt` to a state. */
  takeIn(
    state: number,
    k: Float32Array,
    keyAt: number,
    v: Float32Array,
    valueAt: number,
    position: number,
  ): void;
  /** Writes what the query of this position that begins at `queryAt` reads of a state at `outAt` of `out`. */
  read(
    state: number,
    q: Float32Array,
    queryAt: number,
    out: Float32Array,
    outAt: number,
    position: number,
  ): void;
}

/** States of `count` heads, which have what `learners` heads learned in turn. */
export function recurrentStates(
  mechanism: FeatureMap,
  shape: Shape,
  count: number,
  learners: number,
): RecurrentStates {
  return mechanism.feature.kind === "favor"
    ? new FavorStates(mechanism, mechanism.feature, shape, count, learners)
    : new SumStates(mechanism, shape, count, learners);
}

/**
 * Linear attention as a recurrent network, in float64: the states `S = Σ_j φ(k_j) v_jᵀ` `[features, valueDim]`
 * and `z = Σ_j φ(k_j)` `[features]`. Katharopoulos et al. 2020, arXiv 2006.16236, eq. 16 to 20.
 */
class SumStates implements RecurrentStates {
  readonly features: number;
  readonly stateBytes: number;
  readonly workspaceBytes: number;
  readonly #rows: readonly FeatureRows[];
  readonly #epsilon: number;
  readonly #sums: readonly Float64Array[];
  readonly #normalisers: readonly Float64Array[];
  readonly #row: Float64Array;
  readonly #output: Float64Array;

  constructor(mechanism: FeatureMap, shape: Shape, count: number, learners: number) {
    const { valueDim } = shape;
    this.#rows = Array.from({ length: learners }, () => featureRows(mechanism, shape, 1));
    const [{ count: width, bytes }] = this.#rows;
    this.features = width;
    this.#epsilon = mechanism.epsilon;
    this.#sums = Array.from({ length: count }, () => new Float64Array(width * valueDim));
    this.#normalisers = Array.from({ length: count }, () => new Float64Array(width));
    this.#row = new Float64Array(width);
    this.#output = new Float64Array(valueDim);
    this.stateBytes = count * width * (valueDim + 1) * DOUBLE_BYTES;
    this.workspaceBytes = (width + valueDim) * DOUBLE_BYTES + learners * bytes;
  }

  learn(kvHead: number, learned: Learned): void {
    learned(kvHead, this.#rows[kvHead % this.#rows.length]);
  }

  clear(): void {
    for (const sum of this.#sums) sum.fill(0);
    for (const normaliser of this.#normalisers) normaliser.fill(0);
  }

  takeIn(
    state: number,
    k: Float32Array,
    keyAt: number,
    v: Float32Array,
    valueAt: number,
    position: number,
  ): void {
    const sum = this.#sums[state];
    const normaliser = this.#normalisers[state];
    const key = this.#row;
    const width = key.length;
    const valueDim = this.#output.length;
    this.#rows[state % this.#rows.length].write(k, keyAt, 1, position, key);
    for (let i = 0; i < width; i++) {
      const weight = key[i];
      normaliser[i] += weight;
      const row = i * valueDim;
      for (let column = 0; column < valueDim; column++) sum[row + column] += weight * v[valueAt + column];
    }
  }

  read(
    state: number,
    q: Float32Array,
    queryAt: number,
    out: Float32Array,
    outAt: number,
    position: number,
  ): void {
    const sum = this.#sums[state];
    const normaliser = this.#normalisers[state];
    const query = this.#row;
    const output = this.#output;
    const width = query.length;
    const valueDim = output.length;
    this.#rows[state % this.#rows.length].write(q, queryAt, 1, position, query);
    // Starting at 0: a sum that starts with a field would be kept on the heap.
    let divisor = 0;
    output.fill(0);
    for (let i = 0; i < width; i++) {
      const read = query[i];
      divisor += read * normaliser[i];
      const row = i * valueDim;
      for (let column = 0; column < valueDim; column++) output[column] += read * sum[row + column];
    }
    divisor += this.#epsilon;
    // Without a feature in common there is nothing to read, also where ε is 0.
    if (divisor === 0) divisor = 1;
    for (let column = 0; column < valueDim; column++) out[outAt + column] = output[column] / divisor;
  }
}
