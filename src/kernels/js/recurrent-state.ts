/**
 * The state of linear attention as a recurrent network, in float64: `S = Σ_j φ(k_j) v_jᵀ` `[d, d]` and `z = Σ_j φ(k_j)`
 * `[d]`. Katharopoulos et al. 2020, arXiv 2006.16236, eq. 16 to 20.
 */
export class RecurrentState {
  readonly #headDim: number;
  readonly #sum: Float64Array;
  readonly #normaliser: Float64Array;

  constructor(headDim: number) {
    this.#headDim = headDim;
    this.#sum = new Float64Array(headDim * headDim);
    this.#normaliser = new Float64Array(headDim);
  }

  get bytes(): number {
    return this.#sum.byteLength + this.#normaliser.byteLength;
  }

  clear(): void {
    this.#sum.fill(0);
    this.#normaliser.fill(0);
  }

  /** Adds the token whose key and value begin at `at`. */
  takeIn(phi: (x: number) => number, k: Float32Array, v: Float32Array, at: number): void {
    const headDim = this.#headDim;
    const sum = this.#sum;
    const normaliser = this.#normaliser;
    for (let i = 0; i < headDim; i++) {
      const key = phi(k[at + i]);
      normaliser[i] += key;
      const row = i * headDim;
      for (let column = 0; column < headDim; column++) sum[row + column] += key * v[at + column];
    }
  }

  /** The same in one pass with `φ(q)ᵀS / (φ(q)·z + ε)`, written at `at` of `out`. `sums` is scratch, `[headDim]`. */
  step(
    phi: (x: number) => number,
    epsilon: number,
    q: Float32Array,
    k: Float32Array,
    v: Float32Array,
    at: number,
    sums: Float64Array,
    out: Float32Array,
  ): void {
    const headDim = this.#headDim;
    const sum = this.#sum;
    const normaliser = this.#normaliser;
    let divisor = epsilon;
    sums.fill(0);
    for (let i = 0; i < headDim; i++) {
      const key = phi(k[at + i]);
      const query = phi(q[at + i]);
      normaliser[i] += key;
      divisor += query * normaliser[i];
      const row = i * headDim;
      for (let column = 0; column < headDim; column++) {
        const updated = sum[row + column] + key * v[at + column];
        sum[row + column] = updated;
        sums[column] += query * updated;
      }
    }
    for (let column = 0; column < headDim; column++) out[at + column] = sums[column] / divisor;
  }
}
