import type { Workspace } from "../../workspace.ts";
import { ChannelSums } from "../channel-sums.ts";
import type { Factor } from "./factor.ts";

/** Which keys a row reads: those before `endOf`, of which those of `biasedOf` have a bias. */
export interface Stretches {
  readonly length: number;
  readonly d: number;
  endOf(row: number): number;
  biasedOf(row: number): { readonly from: number; readonly to: number };
}

/** One head, all of whose rows have been summed: what goes on is `along`, `σ(q) dout`. */
export interface AftBack {
  readonly k: Factor;
  readonly v: Factor;
  readonly along: Float64Array;
  readonly means: Float64Array;
  readonly logSums: Float64Array;
}

/** Of every row and channel the mean of the values, and the logarithm of the sum of their weights. */
export class AftMeans {
  readonly means: Float64Array;
  readonly logSums: Float64Array;
  readonly #stretches: Stretches;
  /** The sums of the keys from each token on; null if no row needs them. */
  readonly #after: { readonly means: Float64Array; readonly logSums: Float64Array } | null;

  constructor(stretches: Stretches, workspace: Workspace) {
    const { length, d, endOf, biasedOf } = stretches;
    this.#stretches = stretches;
    this.means = workspace.float64(length * d);
    this.logSums = workspace.float64(length * d);
    let needed = false;
    for (let row = 0; row < length; row++) if (biasedOf(row).to < endOf(row)) needed = true;
    this.#after = needed
      ? { means: workspace.float64(length * d), logSums: workspace.float64(length * d) }
      : null;
  }

  /** Sums the rows of a head. */
  run(k: Factor, v: Factor, biasOf: (row: number, key: number) => number): void {
    const { length, d, endOf, biasedOf } = this.#stretches;
    const add = (to: ChannelSums, key: number, bias: number): void => {
      for (let c = 0; c < d; c++) {
        const i = key * d + c;
        to.addTo(c, k.values[k.at + i] + bias, v.values[v.at + i], 1);
      }
    };
    if (this.#after !== null) {
      const after = new ChannelSums(d);
      for (let key = length - 1; key >= 0; key--) {
        add(after, key, 0);
        keep(after, key * d, this.#after);
      }
    }
    const [before, own] = [new ChannelSums(d), new ChannelSums(d)];
    let added = 0;
    for (let row = 0; row < length; row++) {
      const { from, to } = biasedOf(row);
      for (; added < from; added++) add(before, added, 0);
      own.copyFrom(before);
      for (let key = from; key < to; key++) add(own, key, biasOf(row, key));
      if (this.#after !== null && to < endOf(row)) {
        for (let c = 0; c < d; c++) {
          const i = to * d + c;
          own.addTo(c, this.#after.logSums[i], this.#after.means[i], 1);
        }
      }
      keep(own, row * d, this);
    }
  }
}

function keep(
  { largest, total, weighted }: ChannelSums,
  at: number,
  to: { readonly means: Float64Array; readonly logSums: Float64Array },
): void {
  for (let c = 0; c < largest.length; c++) {
    to.logSums[at + c] = largest[c] + Math.log(total[c]);
    to.means[at + c] = weighted[c] / total[c];
  }
}
