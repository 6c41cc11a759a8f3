import type { AftHead, RowSums } from "./row-sums.ts";

/** A head whose rows have been summed; `along` is `σ(q) dout`. */
type Summed = Omit<AftHead, "biasOf"> & RowSums & { readonly along: Float64Array };

/**
 * What keys without a bias get: `dv_j = e^{k_j} Σ_i e^{-L_i} g_i` and `dk_j = e^{k_j} Σ_i e^{-L_i} g_i (v_j - m_i)` over the
 * rows that read them so. Those rows are all from some row on, or all up to some row: sums run from either end, relative to
 * the largest `-L_i` so far, so that nothing overflows.
 */
export class FarSums {
  readonly dk: Float64Array;
  readonly dv: Float64Array;

  constructor(head: Summed) {
    const { length, d, rows } = head;
    this.dk = new Float64Array(length * d);
    this.dv = new Float64Array(length * d);
    // Keys before a row's biased ones: the later the key, the fewer rows, of which the last are the same.
    const later = new RunningRows(head);
    let next = length - 1;
    for (let key = length - 1; key >= 0; key--) {
      for (; next >= 0 && rows[next].from > key; next--) later.take(next);
      later.give(key, this.dk, this.dv);
    }
    // Keys after them: the first rows.
    const earlier = new RunningRows(head);
    next = 0;
    for (let key = 0; key < length; key++) {
      for (; next < length && rows[next].to <= key && key < rows[next].end; next++) earlier.take(next);
      if (next > 0 && rows[next - 1].end > key) earlier.give(key, this.dk, this.dv);
    }
  }
}

class RunningRows {
  readonly #head: Summed;
  readonly #largest: Float64Array;
  readonly #along: Float64Array;
  readonly #means: Float64Array;

  constructor(head: Summed) {
    this.#head = head;
    this.#largest = new Float64Array(head.d).fill(Number.NEGATIVE_INFINITY);
    this.#along = new Float64Array(head.d);
    this.#means = new Float64Array(head.d);
  }

  take(row: number): void {
    const { d, along, means, logSums, round } = this.#head;
    for (let c = 0; c < d; c++) {
      const at = row * d + c;
      if (along[at] === 0) continue;
      const power = -logSums[at];
      if (power > this.#largest[c]) {
        const factor = this.#along[c] === 0 ? 0 : round(Math.exp(round(this.#largest[c] - power)));
        this.#largest[c] = power;
        this.#along[c] = round(this.#along[c] * factor);
        this.#means[c] = round(this.#means[c] * factor);
      }
      const share = round(round(Math.exp(round(power - this.#largest[c]))) * along[at]);
      this.#along[c] = round(this.#along[c] + share);
      this.#means[c] = round(this.#means[c] + round(share * means[at]));
    }
  }

  give(key: number, dk: Float64Array, dv: Float64Array): void {
    const { d, k, v, round } = this.#head;
    for (let c = 0; c < d; c++) {
      if (this.#largest[c] === Number.NEGATIVE_INFINITY) continue;
      const at = key * d + c;
      const weight = round(Math.exp(round(k[at] + this.#largest[c])));
      dv[at] = round(dv[at] + round(weight * this.#along[c]));
      const moved = round(round(v[at] * this.#along[c]) - this.#means[c]);
      dk[at] = round(dk[at] + round(weight * moved));
    }
  }
}
