import type { Workspace } from "../../workspace.ts";
import type { AftBack, Stretches } from "./aft-means.ts";

/**
 * Keys that rows weigh without a bias, `e^{k_j - L_i}`: of each the sums over its rows of `e^{-L_i} σ(q) dout`, and of that
 * times the row's mean, which run along the rows. They are relative to the largest of the weights so far.
 */
export class PlainKeys {
  readonly #stretches: Stretches;
  readonly #largest: Float64Array;
  readonly #along: Float64Array;
  readonly #means: Float64Array;

  constructor(stretches: Stretches, workspace: Workspace) {
    this.#stretches = stretches;
    [this.#largest, this.#along, this.#means] = [0, 0, 0].map(() => workspace.float64(stretches.d));
  }

  run(back: AftBack): void {
    const { length, endOf, biasedOf } = this.#stretches;
    this.#clear();
    // Rows that have a key before their biased ones: all from some row on.
    for (let key = length - 1, row = length - 1; key >= 0; key--) {
      for (; row >= 0 && biasedOf(row).from > key; row--) this.#take(back, row);
      this.#give(back, key);
    }
    this.#clear();
    // Rows that have it after them: all up to some row, and none if the call is causal.
    for (let key = 0, row = 0; key < length; key++) {
      for (; row < length && biasedOf(row).to <= key && key < endOf(row); row++) this.#take(back, row);
      this.#give(back, key);
    }
  }

  #clear(): void {
    this.#largest.fill(Number.NEGATIVE_INFINITY);
    this.#along.fill(0);
    this.#means.fill(0);
  }

  #take({ along, means, logSums }: AftBack, row: number): void {
    const { d } = this.#stretches;
    for (let c = 0; c < d; c++) {
      const i = row * d + c;
      if (along[i] === 0) continue;
      const power = -logSums[i];
      if (!(power <= this.#largest[c])) {
        const factor = Math.exp(this.#largest[c] - power);
        this.#largest[c] = power;
        this.#along[c] *= factor;
        this.#means[c] *= factor;
      }
      const share = Math.exp(power - this.#largest[c]) * along[i];
      this.#along[c] += share;
      this.#means[c] += share * means[i];
    }
  }

  #give({ k, v }: AftBack, key: number): void {
    const { d } = this.#stretches;
    for (let c = 0; c < d; c++) {
      if (this.#largest[c] === Number.NEGATIVE_INFINITY) continue;
      const i = key * d + c;
      const weight = Math.exp(k.values[k.at + i] + this.#largest[c]);
      if (v.sums !== null) v.sums[i] += weight * this.#along[c];
      if (k.sums !== null) k.sums[i] += weight * (v.values[v.at + i] * this.#along[c] - this.#means[c]);
    }
  }
}
